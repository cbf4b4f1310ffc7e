import { type EventKind, eventKindNames, eventKinds } from '@pinyon/contract/event-kinds.ts'
import { Choice } from '../ui/choice.tsx'
import { Field, TextInput } from '../ui/field.tsx'

/** What is written about a webhook. */
export interface WebhookDraft {
  readonly url: string
  readonly name: string
  /** Null: every kind. */
  readonly kinds: readonly EventKind[] | null
}

interface WebhookFieldsProps {
  readonly draft: WebhookDraft
  readonly onChange: (draft: WebhookDraft) => void
}

/** Address, name and kinds of a webhook. */
export function WebhookFields({ draft, onChange }: WebhookFieldsProps) {
  const { url, name, kinds } = draft
  return (
    <>
      <Field label="Address" hint="Only public addresses are called, and redirects are not followed.">
        <TextInput
          type="url"
          required
          placeholder="https://app.example.org/hook"
          value={url}
          onChange={({ target }) => onChange({ ...draft, url: target.value })}
        />
      </Field>
      <Field label="Name" hint="For you; it may stay empty.">
        <TextInput maxLength={100} value={name} onChange={({ target }) => onChange({ ...draft, name: target.value })} />
      </Field>
      <Choice
        label="Events"
        value={kinds === null ? 'all' : 'some'}
        options={[
          { value: 'all', label: 'Every kind' },
          { value: 'some', label: 'Some kinds' },
        ]}
        onChange={(value) => onChange({ ...draft, kinds: value === 'all' ? null : [] })}
      />
      {kinds !== null && (
        <fieldset className="grid gap-x-6 gap-y-2 sm:grid-cols-2">
          <legend className="mb-1 font-medium">Kinds</legend>
          {eventKindNames.map((kind) => (
            <label key={kind} className="flex items-start gap-2">
              <input
                type="checkbox"
                className="accent-accent mt-0.5 size-4 shrink-0"
                checked={kinds.includes(kind)}
                onChange={({ target }) =>
                  onChange({
                    ...draft,
                    kinds: eventKindNames.filter((each) => (each === kind ? target.checked : kinds.includes(each))),
                  })
                }
              />
              <span>
                {eventKinds[kind].title} <code className="text-muted block font-mono text-xs break-all">{kind}</code>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </>
  )
}
