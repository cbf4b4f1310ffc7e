import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { type Account, accountQuery, publicContentWords } from '../api/account.ts'
import { client } from '../api/client.ts'
import { sessionQuery, whoamiQuery } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { FormError } from './form-error.tsx'

interface AccountFormProps {
  readonly account: Account
  /** Why the reader may not change it. */
  readonly disabledBecause: string | undefined
}

const choices = (['allowed', 'refused'] as const).map((value) => ({ value, ...publicContentWords[value] }))

/** Changes the account's name and whether anything of it may become public. */
export function AccountForm({ account, disabledBecause }: AccountFormProps) {
  const [name, setName] = useState(account.name)
  const [publicContent, setPublicContent] = useState(account.publicContent)
  const queryClient = useQueryClient()
  const update = useMutation({
    mutationFn: () => client.call(routes.accountUpdate, { body: { name: name.trim(), publicContent } }),
    async onSuccess(changed) {
      setName(changed.name)
      queryClient.setQueryData(accountQuery.queryKey, changed)
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey }),
        queryClient.invalidateQueries({ queryKey: whoamiQuery.queryKey }),
      ])
    },
  })
  const isSame = name.trim() === account.name && publicContent === account.publicContent
  const reason =
    disabledBecause ?? (name.trim() === '' ? 'An account has a name.' : isSame ? 'Nothing is changed yet.' : undefined)
  return (
    <form
      className="flex max-w-xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (reason === undefined && !update.isPending) update.mutate()
      }}
    >
      <Field label="Name" hint={disabledBecause}>
        <TextInput
          dir="auto"
          maxLength={1_024}
          readOnly={disabledBecause !== undefined}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Choice
        label="Public content"
        value={publicContent}
        options={choices}
        onChange={setPublicContent}
        disabledBecause={disabledBecause}
      />
      {update.isError && <FormError error={update.error} />}
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" isBusy={update.isPending} disabledBecause={reason}>
          Save
        </Button>
        <span role="status" className="text-ok">
          {update.isSuccess && isSame ? 'Saved' : ''}
        </span>
      </div>
    </form>
  )
}
