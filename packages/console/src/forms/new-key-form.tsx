import type { AnswerOf } from '@pinyon/contract/client.ts'
import type { Preset } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { client } from '../api/client.ts'
import { noticeKeysChanged } from '../api/keys.ts'
import { Button } from '../ui/button.tsx'
import { Actions } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { BoundsFields } from './bounds-fields.tsx'
import { ExpiryField } from './expiry-field.tsx'
import { FormError } from './form-error.tsx'
import { findProblems, type KeyDraft, type KeyProblems, presentDraft, problemsIn } from './key-draft.ts'
import { KeyPermissions } from './key-permissions.tsx'
import { KeyPreview } from './key-preview.tsx'
import { NewValues } from './new-values.tsx'

interface NewKeyFormProps {
  /** What the form begins with. */
  readonly start: KeyDraft
  /** Above the form, from what it begins with: told what was chosen since, and how to change it. */
  readonly renderTold?: (draft: KeyDraft, change: (part: Partial<KeyDraft>) => void) => ReactNode
  /** One was chosen here: for the address of the page. */
  readonly onPreset: (preset: Preset) => void
  /** The key is made, and its values are forgotten. */
  readonly onDone: () => void
}

/** Makes an API key. */
export function NewKeyForm({ start, renderTold, onPreset, onDone }: NewKeyFormProps) {
  const [draft, setDraft] = useState(start)
  const [now] = useState(() => Date.now())
  const [tries, setTries] = useState(0)
  // The values live here and in no cache: what a mutation answers is kept for minutes.
  const [created, setCreated] = useState<AnswerOf<typeof routes.keysCreate>>()
  const make = useMutation({
    mutationFn: async () => setCreated(await client.call(routes.keysCreate, { body: presentDraft(draft) })),
    onSuccess: noticeKeysChanged,
  })
  const found = findProblems(draft, now)
  const refused = problemsIn(make.error)
  const problems: KeyProblems = tries === 0 ? onlyTyped(found, draft) : { ...refused, ...found }
  const form = useFirstProblem(tries, make.error)
  const change = (part: Partial<KeyDraft>) => {
    make.reset()
    setDraft({ ...draft, ...part })
  }
  return (
    <>
      <form
        ref={form}
        noValidate
        aria-label="New API Key"
        className="grid items-start gap-8 lg:grid-cols-[minmax(0,1fr)_24rem]"
        onSubmit={(event) => {
          event.preventDefault()
          setTries(tries + 1)
          if (Object.keys(found).length === 0 && !make.isPending) make.mutate()
        }}
      >
        <div className="flex min-w-0 flex-col gap-6">
          {renderTold?.(draft, change)}
          <Field label="Key Name" error={problems.name}>
            <TextInput
              dir="auto"
              required
              maxLength={1_024}
              value={draft.name}
              onChange={(event) => change({ name: event.target.value })}
            />
          </Field>
          <KeyPermissions draft={draft} change={change} onPreset={onPreset} error={problems.permissions} />
          <div className="grid items-start gap-4 sm:grid-cols-2">
            <Field label="Max Uses" hint="How many requests it may make. Empty: no limit." error={problems.maxUses}>
              <TextInput
                inputMode="numeric"
                value={draft.maxUses}
                placeholder="Unlimited"
                onChange={(event) => change({ maxUses: event.target.value })}
              />
            </Field>
            <ExpiryField
              value={draft.expiry}
              kinds={['never', 'day', 'month', 'year', 'date']}
              onChange={(expiry) => change({ expiry })}
              error={problems.expiry}
              now={now}
              hint="It works until somebody revokes it."
            />
          </div>
          <BoundsFields
            draft={draft.bounds}
            onChange={(bounds) => change({ bounds })}
            problems={problems}
            refusal={problems.bounds}
          />
          {make.error !== null && Object.keys(refused).length === 0 && <FormError error={make.error} />}
          <Actions>
            <Button type="submit" look="primary" isBusy={make.isPending}>
              Create key
            </Button>
          </Actions>
        </div>
        <KeyPreview draft={draft} />
      </form>
      {created !== undefined && (
        <NewValues
          created={created}
          name={draft.name.trim()}
          onDone={() => {
            setCreated(undefined)
            onDone()
          }}
        />
      )}
    </>
  )
}

/** Before the first try nothing is held against what was not written yet. */
function onlyTyped({ maxUses, expiry }: KeyProblems, draft: KeyDraft): KeyProblems {
  return {
    ...(maxUses === undefined ? {} : { maxUses }),
    ...(expiry === undefined || draft.expiry.date === '' ? {} : { expiry }),
  }
}

/** After a try that failed, the focus goes to the first thing that is wrong. */
function useFirstProblem(tries: number, error: unknown) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (tries > 0 || error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid], [data-problem]')?.focus()
  }, [tries, error])
  return form
}
