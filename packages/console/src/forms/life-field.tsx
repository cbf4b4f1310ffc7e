import { Field, Select } from '../ui/field.tsx'

/** How long a link may live, in seconds, with the words for it. */
const lives = [
  [900, '15 minutes'],
  [3_600, '1 hour'],
  [86_400, '1 day'],
  [604_800, '7 days'],
  [2_592_000, '30 days'],
  [31_536_000, '1 year'],
] as const

interface LifeFieldProps {
  readonly seconds: number
  readonly onChange: (seconds: number) => void
}

/** How long a link is good. */
export function LifeField({ seconds, onChange }: LifeFieldProps) {
  return (
    <Field label="Good for" hint="It can be revoked earlier on the page Links.">
      <Select value={seconds} onChange={(event) => onChange(Number(event.target.value))}>
        {lives.map(([each, words]) => (
          <option key={each} value={each}>
            {words}
          </option>
        ))}
      </Select>
    </Field>
  )
}
