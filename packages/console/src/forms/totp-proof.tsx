import { Field, TextInput } from '../ui/field.tsx'
import { PasswordInput } from '../ui/password-input.tsx'

/** Password and code, as typed. */
export interface Proof {
  readonly password: string
  readonly code: string
}

/** Nothing typed yet. */
export const noProof: Proof = { password: '', code: '' }

interface TotpProofProps {
  readonly proof: Proof
  readonly onChange: (proof: Proof) => void
}

/** Both steps of signing in, asked for again before they are changed. */
export function TotpProof({ proof, onChange }: TotpProofProps) {
  return (
    <>
      <Field label="Password">
        <PasswordInput
          name="password"
          autoComplete="current-password"
          required
          value={proof.password}
          onChange={({ target }) => onChange({ ...proof, password: target.value })}
        />
      </Field>
      <CodeField value={proof.code} onChange={(code) => onChange({ ...proof, code })} />
    </>
  )
}

interface CodeFieldProps {
  readonly value: string
  readonly onChange: (code: string) => void
  readonly hint?: string
}

const usualHint = 'Six digits of your authenticator app, or a recovery code.'

/** A code of the app; recovery codes fit too. */
export function CodeField({ value, onChange, hint = usualHint }: CodeFieldProps) {
  return (
    <Field label="Code" hint={hint}>
      <TextInput
        name="code"
        autoComplete="one-time-code"
        required
        maxLength={64}
        spellCheck={false}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </Field>
  )
}
