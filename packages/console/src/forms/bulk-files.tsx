import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { bulkFilterOf, type BulkJob, type BulkWork, cancelBulk, putIntoGroup, runOverFilter } from '../api/bulk.ts'
import { toCurl } from '../api/curl.ts'
import { type FileFilter, refreshFiles } from '../api/files.ts'
import { refreshGroups } from '../api/groups.ts'
import { noticeNamesChanged } from '../api/names.ts'
import { plural } from '../lib/plural.ts'
import { offerUndo } from '../lib/undo.ts'
import { useLooking } from '../lib/use-looking.ts'
import { Button } from '../ui/button.tsx'
import { Code } from '../ui/code.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { BulkOutcome } from './bulk-outcome.tsx'
import { BulkProgress } from './bulk-progress.tsx'
import { FormError } from './form-error.tsx'
import { GroupChoice } from './group-choice.tsx'

interface BulkFilesProps {
  readonly filter: FileFilter
  /** How many files the filter lets through now. */
  readonly count: number
  readonly kind: BulkWork['kind']
  /** The files may be others now. */
  readonly onDone: () => void
  readonly onClose: () => void
}

/** Unpins or moves every file that a filter lets through: asks, shows how far it is, and what could not be done. */
export function BulkFiles({ filter, count, kind, onDone, onClose }: BulkFilesProps) {
  const [groupId, setGroupId] = useState<string | null>(null)
  const [typed, setTyped] = useState('')
  const [job, setJob] = useState<BulkJob>()
  const looking = useLooking()
  const work: BulkWork = kind === 'unpin' ? { kind } : { kind, groupId }
  const files = plural(count, 'file')
  const run = useMutation({
    mutationFn: () =>
      runOverFilter(filter, work, {
        onProgress: setJob,
        signal: looking(),
        wantsDone: kind === 'move' && filter.group !== undefined,
      }),
    async onSettled() {
      onDone()
      await Promise.all([refreshFiles(), refreshGroups(), noticeNamesChanged()])
    },
    onSuccess({ doneCount, doneItems, failures }) {
      // Where all were in one group, they can be put back into it.
      if (kind === 'move' && filter.group !== undefined && doneItems.length > 0) {
        const back = filter.group === 'none' ? null : filter.group
        const undo = async () => {
          await putIntoGroup(filter.network, doneItems, back)
          await refreshGroups()
        }
        offerUndo({ words: `${plural(doneCount, 'file')} moved`, undo })
      }
      if (failures.length === 0) onClose()
    },
  })
  const phrase = `unpin ${count}`
  const isUntyped = kind === 'unpin' && count > 1 && typed !== phrase
  const which = { network: filter.network, filter: bulkFilterOf(filter) }
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={kind === 'unpin' ? `Unpin all ${files} that match?` : `Move all ${files} that match`}
    >
      {run.isPending ? (
        <BulkProgress job={job} total={count} onStop={job && (() => void cancelBulk(job.id))} onClose={onClose} />
      ) : run.data !== undefined ? (
        <BulkOutcome end={run.data} deed={kind === 'unpin' ? 'unpinned' : 'moved'} onClose={onClose} />
      ) : (
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (!isUntyped) run.mutate()
          }}
        >
          {kind === 'move' ? (
            <>
              <GroupChoice network={filter.network} value={groupId} onChange={setGroupId} />
              {filter.group === undefined && (
                <p className="text-muted">They may be in different groups now, so this cannot be taken back at once.</p>
              )}
            </>
          ) : (
            <Consequences network={filter.network} />
          )}
          <details>
            <summary className="text-muted hover:text-ink w-fit cursor-pointer">As API call</summary>
            <div className="pt-2">
              <Code
                label="command"
                text={
                  kind === 'unpin'
                    ? toCurl(routes.bulkUnpin, { body: which })
                    : toCurl(routes.bulkMove, { body: { ...which, group_id: groupId } })
                }
              />
            </div>
          </details>
          {kind === 'unpin' && count > 1 && (
            <Field label={`Type ${phrase} to go on`}>
              <TextInput value={typed} onChange={({ target }) => setTyped(target.value)} spellCheck={false} />
            </Field>
          )}
          {run.isError && <FormError error={run.error} />}
          <Actions>
            <Button onClick={onClose}>Cancel</Button>
            <Button
              type="submit"
              look={kind === 'unpin' ? 'danger' : 'primary'}
              disabledBecause={isUntyped && `Type ${phrase} first.`}
            >
              {kind === 'unpin' ? `Unpin ${files}` : `Move ${files}`}
            </Button>
          </Actions>
        </form>
      )}
    </Dialog>
  )
}

function Consequences({ network }: Pick<FileFilter, 'network'>) {
  return (
    <>
      <p>We stop keeping them. Space comes back within a minute unless other files of yours share it.</p>
      {network === 'public' && <p>Copies that others already made stay out there.</p>}
      <p className="text-muted">This cannot be taken back. Files that are uploaded from now on are not meant.</p>
    </>
  )
}
