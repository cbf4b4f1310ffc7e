import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { type BulkJob, cancelBulk, type PinChoice, runOverPins } from '../api/bulk.ts'
import { toCurl } from '../api/curl.ts'
import { noticeNamesChanged } from '../api/names.ts'
import { removalMeanings, retryMeanings } from '../api/pin-words.ts'
import { type Pin, type PinStatus, refreshPins } from '../api/pins.ts'
import { plural } from '../lib/plural.ts'
import { useLooking } from '../lib/use-looking.ts'
import { Button } from '../ui/button.tsx'
import { Code } from '../ui/code.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { BulkOutcome } from './bulk-outcome.tsx'
import { BulkProgress } from './bulk-progress.tsx'
import { FormError } from './form-error.tsx'

interface BulkPinsProps {
  readonly kind: 'remove' | 'retry'
  readonly which: PinChoice
  /** Those of them that are known: one that is gone has no name any more at the server. */
  readonly pins?: readonly Pick<Pin, 'id' | 'name'>[] | undefined
  /** How many of each status it is about now. */
  readonly counts: Readonly<Record<PinStatus, number>>
  /** The pins may be others now; with what was done, in words. */
  readonly onDone: (words: string) => void
  readonly onClose: () => void
}

/** Removes many pins, or tries them again: says what will happen in numbers, how far it is, and what could not be done. */
export function BulkPins({ kind, which, pins: known = [], counts, onDone, onClose }: BulkPinsProps) {
  const [typed, setTyped] = useState('')
  const [job, setJob] = useState<BulkJob>()
  const looking = useLooking()
  const { queued, pinning, pinned, failed } = counts
  const isRemoval = kind === 'remove'
  const count = queued + pinning + failed + (isRemoval ? pinned : 0)
  const pins = plural(count, 'pin')
  const deed = isRemoval ? 'removed' : 'tried again'
  const run = useMutation({
    async mutationFn() {
      const end = await runOverPins(kind, which, { onProgress: setJob, signal: looking() })
      const names = new Map(known.map(({ id, name }) => [id, name]))
      const failures = end.failures.map((each) => ({ ...each, name: each.name ?? names.get(each.item) ?? null }))
      return { ...end, failures }
    },
    async onSettled(end) {
      onDone(end === undefined ? '' : `${plural(end.doneCount, 'pin')} ${deed}`)
      await Promise.all([refreshPins(), noticeNamesChanged()])
    },
    onSuccess({ failures, isCancelled }) {
      if (failures.length === 0 && !isCancelled) onClose()
    },
  })
  const phrase = `remove ${count}`
  const mustType = isRemoval && pinned > 1
  const isUntyped = mustType && typed !== phrase
  const ofAll = which.filter === undefined ? pins : `all ${pins} that match`
  return (
    <Dialog isOpen onClose={onClose} title={isRemoval ? `Remove ${ofAll}?` : `Try ${ofAll} again now?`}>
      {run.isPending ? (
        <BulkProgress job={job} total={count} onStop={job && (() => void cancelBulk(job.id))} onClose={onClose} />
      ) : run.data !== undefined ? (
        <BulkOutcome end={run.data} deed={deed} onClose={onClose} />
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (!isUntyped && count > 0) run.mutate()
          }}
        >
          <div className="flex flex-col gap-2">
            {(isRemoval ? removalMeanings : retryMeanings)(counts).map((words) => (
              <p key={words}>{words}</p>
            ))}
            {isRemoval && <Aftermath counts={counts} filter={which.filter} />}
          </div>
          <details>
            <summary className="text-muted hover:text-ink w-fit cursor-pointer">As API call</summary>
            <div className="pt-2">
              <Code
                label="command"
                text={toCurl(isRemoval ? routes.bulkRemovePins : routes.bulkRetryPins, { body: which })}
              />
            </div>
          </details>
          {mustType && (
            <Field label={`Type ${phrase} to go on`}>
              <TextInput value={typed} onChange={({ target }) => setTyped(target.value)} spellCheck={false} />
            </Field>
          )}
          {run.isError && <FormError error={run.error} />}
          <Actions>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              type="submit"
              look={isRemoval ? 'danger' : 'primary'}
              disabledBecause={
                (count === 0 && 'All of them are pinned already.') || (isUntyped && `Type ${phrase} first.`)
              }
            >
              {isRemoval ? `Remove ${pins}` : `Retry ${pins}`}
            </Button>
          </Actions>
        </form>
      )}
    </Dialog>
  )
}

/** What stays, and what can be had again. */
function Aftermath({ counts, filter }: Pick<BulkPinsProps, 'counts'> & { readonly filter: PinChoice['filter'] }) {
  return (
    <>
      {counts.pinned > 0 && <p>Copies that others already made stay out there.</p>}
      {filter !== undefined && (
        <p className="text-muted">
          Pins that are asked for from now on are not meant
          {filter.status !== undefined && ', and one whose status is another when its turn comes is left alone'}.
        </p>
      )}
      <p className="text-muted">
        {counts.pinned > 0 ? 'This cannot be taken back.' : 'They can be asked for again, as new pins.'}
      </p>
    </>
  )
}
