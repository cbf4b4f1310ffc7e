import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { FormError } from './form-error.tsx'
import { NewPassword, problemOfPassword } from './new-password.tsx'

interface JoinFormProps {
  readonly token: string
  readonly onJoined: () => void
}

/** Joins by a link of the operator. Says nothing of who is here already, as the server does not. */
export function JoinForm({ token, onJoined }: JoinFormProps) {
  const [email, setEmail] = useState('')
  const [accountName, setAccountName] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [isSubmitted, setSubmitted] = useState(false)
  const problem = problemOfPassword(password)
  const join = useMutation({
    mutationFn: () =>
      client.call(routes.signUpJoin, {
        body: { token, email, password, accountName, ...(code === '' ? {} : { code }) },
      }),
    gcTime: 0,
    onSuccess: onJoined,
  })
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setSubmitted(true)
        if (problem === undefined && !join.isPending) join.mutate()
      }}
    >
      <Field label="E-mail" hint="You sign in with it. Pinyon sends no mail.">
        <TextInput
          type="email"
          name="username"
          autoComplete="username"
          required
          value={email}
          onChange={({ target }) => setEmail(target.value)}
        />
      </Field>
      <NewPassword value={password} onChange={setPassword} error={isSubmitted ? problem : undefined} />
      <Field label="Name of your account" hint="Empty: your e-mail address.">
        <TextInput
          dir="auto"
          maxLength={200}
          value={accountName}
          onChange={({ target }) => setAccountName(target.value)}
        />
      </Field>
      <Field label="Code" hint="Only if you sign in here already, with a code. Else leave it empty.">
        <TextInput
          name="code"
          autoComplete="one-time-code"
          maxLength={64}
          spellCheck={false}
          value={code}
          onChange={({ target }) => setCode(target.value)}
        />
      </Field>
      {join.isError && <FormError error={join.error} />}
      <Button type="submit" look="primary" isBusy={join.isPending}>
        Join
      </Button>
    </form>
  )
}
