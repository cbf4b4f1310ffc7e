import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { Button } from '../ui/button.tsx'
import { FormError } from './form-error.tsx'
import { NewPassword, problemOfPassword } from './new-password.tsx'

/** Sets a new password with the token of a one-time link. */
export function ResetPasswordForm({ token, onDone }: { readonly token: string; readonly onDone: () => void }) {
  const [password, setPassword] = useState('')
  const [isSubmitted, setSubmitted] = useState(false)
  const problem = problemOfPassword(password)
  const reset = useMutation({
    mutationFn: () => client.call(routes.passwordReset, { body: { token, password } }),
    gcTime: 0,
    onSuccess: onDone,
  })
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setSubmitted(true)
        if (problem === undefined && !reset.isPending) reset.mutate()
      }}
    >
      <NewPassword
        label="New password"
        value={password}
        onChange={setPassword}
        error={isSubmitted ? problem : undefined}
      />
      {reset.isError && <FormError error={reset.error} />}
      <Button type="submit" look="primary" isBusy={reset.isPending}>
        Set the password
      </Button>
    </form>
  )
}
