import { Choice } from '../ui/choice.tsx'
import { Field, TextInput } from '../ui/field.tsx'

/** What a form about an account holds, as typed. */
export interface AccountDraft {
  readonly name: string
  readonly quota: string
  readonly publicContent: 'allowed' | 'refused'
}

interface AccountFieldsProps {
  readonly draft: AccountDraft
  readonly onChange: (draft: AccountDraft) => void
  /** Said beside the quota when it cannot be read. */
  readonly quotaError: string | undefined
}

/** Name, quota and public content of an account. */
export function AccountFields({ draft, onChange, quotaError }: AccountFieldsProps) {
  return (
    <>
      <Field label="Name">
        <TextInput
          dir="auto"
          required
          maxLength={200}
          value={draft.name}
          onChange={({ target }) => onChange({ ...draft, name: target.value })}
        />
      </Field>
      <Field label="Quota in GiB" hint="Empty: no limit but the disk." error={quotaError}>
        <TextInput
          inputMode="decimal"
          value={draft.quota}
          onChange={({ target }) => onChange({ ...draft, quota: target.value })}
        />
      </Field>
      <Choice
        label="Public content"
        value={draft.publicContent}
        onChange={(publicContent) => onChange({ ...draft, publicContent })}
        options={[
          {
            value: 'allowed',
            label: 'Allowed',
            hint: 'Files may be made public: anyone on the IPFS network can read those.',
          },
          { value: 'refused', label: 'Refused', hint: 'Nothing of this account can be made public from now on.' },
        ]}
      />
    </>
  )
}

/** What is said about a quota that cannot be read. */
export const quotaWords = 'A number of GiB, such as 10 or 0.5, or nothing.'
