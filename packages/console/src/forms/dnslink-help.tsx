import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import type { Name } from '../api/names.ts'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { FormError } from './form-error.tsx'

/** Says which TXT record a domain needs so that it leads to a name, and looks whether it is there. */
export function DnsLinkHelp({ name }: { readonly name: Name }) {
  const [domain, setDomain] = useState('')
  const check = useMutation({
    mutationFn: () => client.call(routes.namesDnslink, { params: { id: name.id }, query: { domain: domain.trim() } }),
  })
  const host = check.data?.record.host ?? `_dnslink.${domain.trim() || 'www.example.org'}`
  return (
    <div className="flex max-w-2xl flex-col gap-4">
      <form
        className="flex flex-wrap items-end gap-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (!check.isPending) check.mutate()
        }}
      >
        <Field label="Domain" className="min-w-48 grow">
          <TextInput
            required
            maxLength={253}
            spellCheck={false}
            placeholder="www.example.org"
            value={domain}
            onChange={({ target }) => {
              check.reset()
              setDomain(target.value)
            }}
          />
        </Field>
        <Button type="submit" isBusy={check.isPending}>
          Check
        </Button>
      </form>
      <CopyField label="Host of the TXT record" value={host} />
      <CopyField label="Value of the TXT record" value={name.dnslink} />
      {check.isError && <FormError error={check.error} />}
      {check.data !== undefined && (
        <Notice tone={check.data.state === 'set' ? 'ok' : 'warn'}>
          <p role="status" className="break-words">
            {check.data.message}
          </p>
          {check.data.found.map(({ host: at, value }) => (
            <p key={`${at} ${value}`} className="text-muted font-mono text-xs break-all">
              {at}: {value}
            </p>
          ))}
        </Notice>
      )}
    </div>
  )
}
