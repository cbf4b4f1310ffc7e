import { wordsOfSeconds } from '../lib/words-of-seconds.ts'
import { Field, Select, TextInput } from '../ui/field.tsx'

/** What people say about a name. */
export interface NameDraft {
  readonly label: string
  readonly lifetimeSeconds: number
  readonly ttlSeconds: number
}

/** A new name as the server would make it without further words. */
export const newNameDraft: NameDraft = { label: '', lifetimeSeconds: 172_800, ttlSeconds: 300 }

const lifetimes = [3_600, 86_400, 172_800, 604_800, 2_592_000]
const ttls = [0, 60, 300, 3_600, 86_400]

interface NameFieldsProps {
  readonly draft: NameDraft
  readonly onChange: (draft: NameDraft) => void
}

/** Label and times of a name. */
export function NameFields({ draft, onChange }: NameFieldsProps) {
  const { label, lifetimeSeconds, ttlSeconds } = draft
  return (
    <>
      <Field label="Label" hint="For you, such as my-site. Nobody else sees it.">
        <TextInput
          required
          dir="auto"
          maxLength={100}
          value={label}
          onChange={({ target }) => onChange({ ...draft, label: target.value })}
        />
      </Field>
      <Field label="Readers keep it" hint="A change may take as long to reach those who read the name before.">
        <Seconds
          value={ttlSeconds}
          choices={ttls}
          onChange={(seconds) => onChange({ ...draft, ttlSeconds: seconds })}
        />
      </Field>
      <Field label="A record holds" hint="It is renewed by itself; this long the name outlives this server.">
        <Seconds
          value={lifetimeSeconds}
          choices={lifetimes}
          onChange={(seconds) => onChange({ ...draft, lifetimeSeconds: seconds })}
        />
      </Field>
    </>
  )
}

interface SecondsProps {
  readonly value: number
  readonly choices: readonly number[]
  readonly onChange: (seconds: number) => void
}

/** One of the usual times, or what somebody set by the API. */
function Seconds({ value, choices, onChange }: SecondsProps) {
  const all = [...new Set([...choices, value])].toSorted((one, other) => one - other)
  return (
    <Select value={value} onChange={({ target }) => onChange(Number(target.value))}>
      {all.map((seconds) => (
        <option key={seconds} value={seconds}>
          {seconds === 0 ? 'not at all' : wordsOfSeconds(seconds)}
        </option>
      ))}
    </Select>
  )
}
