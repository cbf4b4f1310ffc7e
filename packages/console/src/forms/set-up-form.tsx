import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { publicContentWords } from '../api/account.ts'
import { client } from '../api/client.ts'
import { beginSession } from '../api/session.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { FormError } from './form-error.tsx'
import { NewPassword, problemOfPassword } from './new-password.tsx'

interface SetUpFormProps {
  /** From the link that the server printed; asked for without it. */
  readonly token: string | undefined
  readonly onDone: (key: AnswerOf<typeof routes.setUp>['key']) => void
}

const networks = [
  {
    value: 'local',
    label: 'Local',
    hint: 'This installation talks to no one but the peers you name.',
  },
  {
    value: 'public',
    label: 'Public',
    hint: 'This installation joins the IPFS network and tells it which public files it has.',
  },
] as const

const publicContents = (['allowed', 'refused'] as const).map((value) => ({ value, ...publicContentWords[value] }))

/** Makes the owner, the first account and its key, once, and signs the owner in. */
export function SetUpForm({ token, onDone }: SetUpFormProps) {
  const [typedToken, setTypedToken] = useState('')
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [isSubmitted, setSubmitted] = useState(false)
  const [accountName, setAccountName] = useState('')
  const [network, setNetwork] = useState<(typeof networks)[number]['value']>('local')
  const [publicContent, setPublicContent] = useState<(typeof publicContents)[number]['value']>('allowed')
  const problem = problemOfPassword(password)
  const setUp = useMutation({
    async mutationFn() {
      const { key } = await client.call(routes.setUp, {
        body: {
          token: token ?? typedToken.trim(),
          email,
          password,
          accountName: accountName.trim(),
          network,
          publicContent,
        },
      })
      // Nothing may keep the key from being shown; who could not be signed in here does it by hand afterwards.
      await beginSession({ email, password }).catch(() => undefined)
      onDone(key)
    },
    gcTime: 0,
  })
  return (
    <form
      className="flex flex-col gap-6"
      onSubmit={(event) => {
        event.preventDefault()
        setSubmitted(true)
        if (problem === undefined && !setUp.isPending) setUp.mutate()
        // What is wrong may stand above what is seen.
        if (problem !== undefined) event.currentTarget.querySelector<HTMLInputElement>('[type=password]')?.focus()
      }}
    >
      {token === undefined && (
        <Field
          label="Set-up token"
          hint={
            <>
              It is in the file <code>setup-token</code> in the data directory of the server, and in the link that the
              server printed when it started. <code>./pinyon setup</code> on that machine does all of this without a
              browser.
            </>
          }
        >
          <TextInput
            required
            spellCheck={false}
            className="font-mono"
            value={typedToken}
            onChange={(event) => setTypedToken(event.target.value)}
          />
        </Field>
      )}
      <Field label="E-mail" hint="You sign in with it. Nothing is sent to it.">
        <TextInput
          type="email"
          name="username"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
      </Field>
      <NewPassword value={password} onChange={setPassword} error={isSubmitted ? problem : undefined} />
      <Field
        label="Account name"
        hint="What your files and keys belong to: a team, a project. Your e-mail if left empty."
      >
        <TextInput
          dir="auto"
          name="organization"
          maxLength={1_024}
          value={accountName}
          onChange={(event) => setAccountName(event.target.value)}
        />
      </Field>
      <Choice label="IPFS network" value={network} options={networks} onChange={setNetwork} />
      <Choice label="Public content" value={publicContent} options={publicContents} onChange={setPublicContent} />
      {setUp.isError && <FormError error={setUp.error} />}
      <Button type="submit" look="primary" isBusy={setUp.isPending}>
        Set up
      </Button>
    </form>
  )
}
