import { NewPassword as NewPasswordRule } from '@pinyon/contract/schemas/common.ts'
import { Field } from '../ui/field.tsx'
import { PasswordInput } from '../ui/password-input.tsx'

interface NewPasswordProps {
  readonly label?: string
  readonly value: string
  readonly onChange: (value: string) => void
  /** What is wrong with it, once the form was submitted. */
  readonly error: string | undefined
}

/** A password that is being chosen, once: it can be looked at, so it is not asked for twice. */
export function NewPassword({ label = 'Password', value, onChange, error }: NewPasswordProps) {
  return (
    <Field
      label={label}
      hint="10 to 256 characters. Long beats complicated; a password manager does best."
      error={error}
    >
      <PasswordInput
        name="new-password"
        autoComplete="new-password"
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  )
}

/** What is wrong with a new password; undefined when it is good. */
export function problemOfPassword(password: string): string | undefined {
  const issue = NewPasswordRule.safeParse(password).error?.issues[0]
  return issue === undefined ? undefined : `The password ${issue.message}; this has ${password.length}.`
}
