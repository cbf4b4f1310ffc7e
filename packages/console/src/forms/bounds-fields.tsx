import { useState } from 'react'
import { Button } from '../ui/button.tsx'
import { Field, TextArea, TextInput } from '../ui/field.tsx'
import { LabelledSwitch } from '../ui/labelled-switch.tsx'
import { type BoundsDraft, type BoundsProblems, presentBounds } from './bounds-draft.ts'

interface BoundsFieldsProps {
  readonly draft: BoundsDraft
  readonly onChange: (draft: BoundsDraft) => void
  readonly problems: BoundsProblems
  /** What the server said of them. */
  readonly refusal: string | undefined
}

/** What a key is bound to beside its permissions. Most keys need none of it, so it is shown when asked for. */
export function BoundsFields({ draft, onChange, problems, refusal }: BoundsFieldsProps) {
  const [isOpened, setOpened] = useState(false)
  const isOpen = isOpened || refusal !== undefined || presentBounds(draft) !== undefined
  const change = (part: Partial<BoundsDraft>) => onChange({ ...draft, ...part })
  return (
    <section aria-label="More" className="flex flex-col gap-4">
      <div>
        <Button aria-expanded={isOpen} onClick={() => setOpened(!isOpen)}>
          More
        </Button>
        <p className="text-table text-muted mt-1">Only its own files, from where, how much, what kind.</p>
      </div>
      {isOpen && (
        <>
          {refusal !== undefined && (
            <p role="alert" data-problem tabIndex={-1} className="text-table text-danger">
              {refusal}
            </p>
          )}
          <LabelledSwitch
            label="Only its own files"
            hint="It sees and changes only files that it or its children made: for an app with a key for each user."
            checked={draft.own}
            onChange={(own) => change({ own })}
          />
          <div className="grid items-start gap-4 sm:grid-cols-2">
            <Field label="Addresses" hint="One a line, such as 192.0.2.7 or 10.0.0.0/8. Empty: from anywhere.">
              <TextArea value={draft.addresses} onChange={(event) => change({ addresses: event.target.value })} />
            </Field>
            <Field label="Origins" hint="Pages that may use it, such as https://app.example. Empty: any program.">
              <TextArea value={draft.origins} onChange={(event) => change({ origins: event.target.value })} />
            </Field>
            <Field label="Groups" hint="Ids of groups. It sees, changes and adds files of these alone.">
              <TextArea value={draft.groups} onChange={(event) => change({ groups: event.target.value })} />
            </Field>
            <Field
              label="Types"
              hint="What may be uploaded, such as image/* or application/pdf; directory for folders."
            >
              <TextArea value={draft.types} onChange={(event) => change({ types: event.target.value })} />
            </Field>
            <Field label="Largest upload" hint="Such as 50 MB." error={problems.maxFileBytes}>
              <TextInput
                value={draft.maxFileBytes}
                placeholder="Unlimited"
                onChange={(event) => change({ maxFileBytes: event.target.value })}
              />
            </Field>
            <Field label="All uploads" hint="With it and its children, such as 10 GB." error={problems.maxBytes}>
              <TextInput
                value={draft.maxBytes}
                placeholder="Unlimited"
                onChange={(event) => change({ maxBytes: event.target.value })}
              />
            </Field>
          </div>
        </>
      )}
    </section>
  )
}
