import { routes } from '@pinyon/contract/routes.ts'
import type { BulkResult } from '@pinyon/contract/schemas/bulk.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { toCurl } from '../api/curl.ts'
import type { File } from '../api/files.ts'
import { groupChoicesQuery, refreshGroups } from '../api/groups.ts'
import { plural } from '../lib/plural.ts'
import { Button } from '../ui/button.tsx'
import { Code } from '../ui/code.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, Select, TextInput } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { FormError } from './form-error.tsx'

interface MoveFilesProps {
  /** Of one network. */
  readonly files: readonly File[]
  readonly onClose: () => void
  readonly onMoved?: () => void
}

const none = ''
const isNew = 'new'

/** Puts files into a group that is there or a new one, or into none. */
export function MoveFiles({ files, onClose, onMoved }: MoveFilesProps) {
  const [first] = files
  const network = first?.network ?? 'public'
  const { data: groups } = useQuery(groupChoicesQuery(network))
  const shared = files.every(({ group_id }) => group_id === first?.group_id) ? (first?.group_id ?? none) : none
  const [chosen, setChosen] = useState(shared)
  const [name, setName] = useState('')
  const ids = files.map(({ id }) => id)
  const move = useMutation({
    async mutationFn() {
      const group_id = await findTarget()
      const { job, results } = await client.call(routes.bulkMove, { body: { network, ids, group_id } })
      return job === null ? results : waitForEnd(job.id)
    },
    async onSuccess(results) {
      await refreshGroups()
      if (failuresOf(results).length > 0) return
      onMoved?.()
      onClose()
    },
  })
  async function findTarget(): Promise<string | null> {
    if (chosen !== isNew) return chosen === none ? null : chosen
    const body = { name: name.trim() }
    const { data } = await client.call(routes.groupsCreate, { params: { network }, body })
    // A second try goes into the group that the first has made.
    setChosen(data.id)
    return data.id
  }
  const failures = failuresOf(move.data ?? [])
  const body = { network, ids: ids.slice(0, 3), group_id: chosen === none ? null : chosen === isNew ? 'GROUP' : chosen }
  return (
    <Dialog
      isOpen
      onClose={() => move.isPending || onClose()}
      title={files.length === 1 ? 'Move to group' : `Move ${plural(files.length, 'file')} to group`}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!move.isPending && (chosen !== isNew || name.trim() !== '')) move.mutate()
        }}
      >
        <Field label="Group" hint="A file leaves the group that it was in. Its CID stays, and so does every link.">
          <Select value={chosen} onChange={(event) => setChosen(event.target.value)}>
            <option value={none}>No group</option>
            {groups?.map((group) => (
              <option key={group.id} value={group.id}>
                {group.name}
              </option>
            ))}
            {chosen !== none && chosen !== isNew && groups?.every(({ id }) => id !== chosen) === true && (
              <option value={chosen}>{chosen}</option>
            )}
            <option value={isNew}>New group…</option>
          </Select>
        </Field>
        {chosen === isNew && (
          <Field label="Name of the new group">
            <TextInput dir="auto" maxLength={1_024} value={name} onChange={(event) => setName(event.target.value)} />
          </Field>
        )}
        <details>
          <summary className="text-muted hover:text-ink w-fit cursor-pointer">As API call</summary>
          <div className="pt-2">
            <Code label="command" text={toCurl(routes.bulkMove, { body })} />
          </div>
        </details>
        {move.isError && <FormError error={move.error} />}
        {failures.length > 0 && (
          <Notice tone="danger" isUrgent>
            <p className="font-medium">{plural(failures.length, 'file')} could not be moved</p>
            <p className="break-words">{failures[0]?.message}</p>
          </Notice>
        )}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={move.isPending}
            disabledBecause={chosen === isNew && name.trim() === '' && 'Give the new group a name first.'}
          >
            Move
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

function failuresOf(results: readonly BulkResult[]): BulkResult[] {
  return results.filter(({ state }) => state !== 'done')
}

const askEveryMs = 500

/** Waits for the end of a move of many files. Gives back those that were not moved. */
async function waitForEnd(id: string): Promise<BulkResult[]> {
  for (;;) {
    const job = await client.call(routes.bulkGet, { params: { id } })
    if (job.state === 'done' || job.state === 'cancelled') break
    await new Promise((resolve) => setTimeout(resolve, askEveryMs))
  }
  const query = { state: 'failed', limit: 100 }
  return (await client.call(routes.bulkResults, { params: { id }, query })).results
}
