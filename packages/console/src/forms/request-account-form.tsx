import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextArea, TextInput } from '../ui/field.tsx'
import { FormError } from './form-error.tsx'

/** Asks the operator for an account. */
export function RequestAccountForm({ onAsked }: { readonly onAsked: () => void }) {
  const [email, setEmail] = useState('')
  const [name, setName] = useState('')
  const [note, setNote] = useState('')
  const ask = useMutation({
    mutationFn: () => client.call(routes.signUpRequest, { body: { email, name, note: note.replaceAll(/\s+/g, ' ') } }),
    gcTime: 0,
    onSuccess: onAsked,
  })
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!ask.isPending) ask.mutate()
      }}
    >
      <Field label="E-mail" hint="The operator answers there. Pinyon itself sends no mail.">
        <TextInput
          type="email"
          autoComplete="email"
          required
          value={email}
          onChange={({ target }) => setEmail(target.value)}
        />
      </Field>
      <Field label="Your name, or what the account is called">
        <TextInput dir="auto" maxLength={200} value={name} onChange={({ target }) => setName(target.value)} />
      </Field>
      <Field label="What you would keep here">
        <TextArea dir="auto" maxLength={1_000} value={note} onChange={({ target }) => setNote(target.value)} />
      </Field>
      {ask.isError && <FormError error={ask.error} />}
      <Button type="submit" look="primary" isBusy={ask.isPending}>
        Ask for an account
      </Button>
    </form>
  )
}
