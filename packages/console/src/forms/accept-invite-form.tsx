import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { beginSession } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { CodeField } from './totp-proof.tsx'
import { FormError } from './form-error.tsx'
import { isFirstAsked } from './sign-in-form.tsx'
import { NewPassword, problemOfPassword } from './new-password.tsx'

type CreatedKey = AnswerOf<typeof routes.setUp>['key']

interface AcceptInviteFormProps {
  readonly token: string
  readonly invite: AnswerOf<typeof routes.inviteLook>
  /** With the first key where the account is new. */
  readonly onDone: (key: CreatedKey | undefined) => void
}

/** Joins an account: somebody new chooses a password, somebody known proves theirs. Signs in. */
export function AcceptInviteForm({ token, invite, onDone }: AcceptInviteFormProps) {
  const { email, isNewUser, account } = invite
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [isCodeWanted, setCodeWanted] = useState(false)
  const [isSubmitted, setSubmitted] = useState(false)
  const problem = isNewUser ? problemOfPassword(password) : undefined
  const accept = useMutation({
    async mutationFn() {
      const answer = await client.call(routes.inviteAccept, {
        body: { token, password, ...(isCodeWanted ? { code } : {}) },
      })
      const key = 'key' in answer ? answer.key : undefined
      // Who is in now and could not be signed in does it by hand; the key must be shown whatever happens.
      // A code works once: whoever gave one signs in with the next.
      if (!isCodeWanted)
        await beginSession({ email, password })
          .then(() => enter(answer.account.id))
          .catch(() => undefined)
      onDone(key)
    },
    gcTime: 0,
    onError(error) {
      if (isFirstAsked(error)) setCodeWanted(true)
    },
  })
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        setSubmitted(true)
        if (problem === undefined && !accept.isPending) accept.mutate()
      }}
    >
      <Field label="E-mail">
        <TextInput type="email" name="username" autoComplete="username" readOnly value={email} />
      </Field>
      {isNewUser ? (
        <NewPassword value={password} onChange={setPassword} error={isSubmitted ? problem : undefined} />
      ) : (
        <Field label="Password" hint="The one you sign in with here: this address is known already.">
          <PasswordInput
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </Field>
      )}
      {isCodeWanted && <CodeField value={code} onChange={setCode} />}
      {accept.isError && !isFirstAsked(accept.error) && <FormError error={accept.error} />}
      {accept.isError && isFirstAsked(accept.error) && (
        <p role="status">The password is right. Now the code of your authenticator app.</p>
      )}
      <Button
        type="submit"
        look="primary"
        isBusy={accept.isPending}
        className="whitespace-normal! h-auto! min-h-9 py-1.5"
      >
        <span className="break-words min-w-0">
          Join <bdi>{account.name}</bdi>
        </span>
      </Button>
    </form>
  )
}

/** Somebody with several accounts is signed in to the first of them; they came for this one. */
async function enter(accountId: string): Promise<void> {
  const { account } = await client.call(routes.sessionCurrent)
  if (account.id !== accountId) await client.call(routes.switchAccount, { body: { accountId } })
}
