import { formatDayAndTime } from '../lib/format-time.ts'
import { Field, Select, TextInput } from '../ui/field.tsx'
import { type Expiry, momentOf } from './expiry.ts'

const words: Readonly<Record<Expiry['kind'], string>> = {
  keep: 'As it is now',
  never: 'Never',
  day: 'In 1 day',
  month: 'In 30 days',
  year: 'In 1 year',
  date: 'On a date',
}

interface ExpiryFieldProps {
  readonly value: Expiry
  readonly kinds: readonly Expiry['kind'][]
  readonly onChange: (value: Expiry) => void
  readonly error: string | undefined
  readonly now: number
  /** What stands below it where no moment is known: what "never" or "as it is now" means. */
  readonly hint: string
}

/** When a key ends. */
export function ExpiryField({ value, kinds, onChange, error, now, hint }: ExpiryFieldProps) {
  const moment = momentOf(value, now)
  return (
    <div className="flex flex-col gap-2">
      <Field
        label="Expiry"
        hint={
          moment === undefined
            ? value.kind === 'date'
              ? undefined
              : hint
            : `Ends on ${formatDayAndTime(moment.toISOString())}.`
        }
        error={value.kind === 'date' ? undefined : error}
      >
        <Select
          value={value.kind}
          onChange={(event) => onChange({ ...value, kind: event.target.value as Expiry['kind'] })} // its options are these
        >
          {kinds.map((kind) => (
            <option key={kind} value={kind}>
              {words[kind]}
            </option>
          ))}
        </Select>
      </Field>
      {value.kind === 'date' && (
        <Field label="Last day" error={error}>
          <TextInput
            type="date"
            value={value.date}
            onChange={(event) => onChange({ ...value, date: event.target.value })}
          />
        </Field>
      )}
    </div>
  )
}
