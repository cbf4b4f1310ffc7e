import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { sessionsQuery } from '../api/sessions.ts'
import { Button } from '../ui/button.tsx'
import { Field } from '../ui/field.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { FormError } from './form-error.tsx'
import { NewPassword, problemOfPassword } from './new-password.tsx'

/** Changes the password of whoever is signed in, which ends their other sessions. */
export function ChangePasswordForm({ email }: { readonly email: string }) {
  const [currentPassword, setCurrentPassword] = useState('')
  const [newPassword, setNewPassword] = useState('')
  const [isSubmitted, setSubmitted] = useState(false)
  const queryClient = useQueryClient()
  const problem = problemOfPassword(newPassword)
  const change = useMutation({
    mutationFn: () => client.call(routes.passwordChange, { body: { currentPassword, newPassword } }),
    gcTime: 0,
    async onSuccess() {
      setCurrentPassword('')
      setNewPassword('')
      setSubmitted(false)
      await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey })
    },
  })
  return (
    <form
      className="flex max-w-xl flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setSubmitted(true)
        if (problem === undefined && !change.isPending) change.mutate()
      }}
    >
      {/* Password managers look for whose password it is. */}
      <input type="email" name="username" autoComplete="username" value={email} readOnly hidden />
      <Field label="Current password">
        <PasswordInput
          name="password"
          autoComplete="current-password"
          required
          value={currentPassword}
          onChange={(event) => setCurrentPassword(event.target.value)}
        />
      </Field>
      <NewPassword
        label="New password"
        value={newPassword}
        onChange={setNewPassword}
        error={isSubmitted ? problem : undefined}
      />
      {change.isError && <FormError error={change.error} />}
      <div className="flex items-center gap-3">
        <Button type="submit" look="primary" isBusy={change.isPending}>
          Change password
        </Button>
        <span role="status" className="text-ok">
          {change.isSuccess && !isSubmitted ? 'Changed; your other sessions have ended' : ''}
        </span>
      </div>
    </form>
  )
}
