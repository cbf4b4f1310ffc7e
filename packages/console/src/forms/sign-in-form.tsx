import { ApiError } from '@pinyon/contract/client.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { beginSession } from '../api/session.ts'
import { formatDuration } from '../lib/format-time.ts'
import { useNow } from '../lib/use-now.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { CodeField } from './totp-proof.tsx'
import { FormError } from './form-error.tsx'

/** Proves e-mail and password, which begins a session. Says nothing about who exists, as the server does not. */
export function SignInForm({ onSignedIn }: { readonly onSignedIn: () => void }) {
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [isCodeWanted, setCodeWanted] = useState(false)
  const [waitUntil, setWaitUntil] = useState(0)
  const signIn = useMutation({
    mutationFn: () => beginSession({ email, password, ...(isCodeWanted ? { code } : {}) }),
    gcTime: 0,
    onSuccess: onSignedIn,
    onError(error) {
      if (isFirstAsked(error)) setCodeWanted(true)
      if (error instanceof ApiError && error.retryAfterSeconds !== undefined)
        setWaitUntil(Date.now() + error.retryAfterSeconds * 1_000)
    },
  })
  const leftSeconds = Math.ceil((waitUntil - useNow(500)) / 1_000)
  const wait = leftSeconds > 0 && `Too many tries: wait ${formatDuration(leftSeconds)}.`
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!signIn.isPending && wait === false) signIn.mutate()
      }}
    >
      <Field label="E-mail">
        <TextInput
          type="email"
          name="username"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <Field label="Password">
        <PasswordInput
          name="password"
          autoComplete="current-password"
          required
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
      </Field>
      {isCodeWanted && <CodeField value={code} onChange={setCode} />}
      {signIn.isError && !isFirstAsked(signIn.error) && <FormError error={signIn.error} />}
      {signIn.isError && isFirstAsked(signIn.error) && (
        <p role="status">The password is right. Now the code of your authenticator app.</p>
      )}
      {wait !== false && <p className="text-muted">{wait}</p>}
      <Button type="submit" look="primary" isBusy={signIn.isPending} disabledBecause={wait}>
        Sign in
      </Button>
    </form>
  )
}

/** Nothing went wrong: the second step is wanted. */
export function isFirstAsked(error: unknown): boolean {
  return error instanceof ApiError && error.reason === 'SIGN_IN_CODE_NEEDED'
}
