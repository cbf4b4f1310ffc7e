import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { FormError } from './form-error.tsx'

const fields = [
  ['path', 'Path', '/ipfs/bafy…/photo.jpg'],
  ['origin', 'Page it is on', 'https://app.example.org'],
  ['address', 'Client IP', '192.0.2.7'],
  ['token', 'Token', 'pngw_…'],
] as const

/** A request to try at a gateway, and what would come of it. */
export function TryAccess({ gatewayId }: { readonly gatewayId: string }) {
  const [values, setValues] = useState({ path: '', origin: '', address: '', token: '' })
  const trying = useMutation({
    mutationFn: () => {
      const { path, ...shown } = values
      const given = Object.fromEntries(Object.entries(shown).filter(([, value]) => value.trim() !== ''))
      return client.call(routes.gatewaysTryAccess, { params: { id: gatewayId }, body: { path: path.trim(), ...given } })
    },
  })
  return (
    <form
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        if (!trying.isPending) trying.mutate()
      }}
    >
      <div className="grid grid-cols-1 gap-3 sm:grid-cols-2">
        {fields.map(([name, label, placeholder]) => (
          <Field key={name} label={label}>
            <TextInput
              required={name === 'path'}
              placeholder={placeholder}
              value={values[name]}
              onChange={({ target }) => setValues({ ...values, [name]: target.value })}
            />
          </Field>
        ))}
      </div>
      <div>
        <Button type="submit" isBusy={trying.isPending}>
          Try it
        </Button>
      </div>
      {trying.isError && <FormError error={trying.error} />}
      <div role="status">
        {trying.data !== undefined && (
          <Notice tone={trying.data.served ? 'ok' : 'warn'}>
            <p className="font-medium">
              {trying.data.served ? 'It would be served' : `It would be refused: ${trying.data.status}`}
            </p>
            <p className="break-words">{trying.data.why}</p>
          </Notice>
        )}
      </div>
    </form>
  )
}
