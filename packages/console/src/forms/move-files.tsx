import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { toCurl } from '../api/curl.ts'
import type { File } from '../api/files.ts'
import { groupChoicesQuery } from '../api/groups.ts'
import { type Moved, moveFiles } from '../api/move-files.ts'
import { plural } from '../lib/plural.ts'
import { Button } from '../ui/button.tsx'
import { Code } from '../ui/code.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, Select, TextInput } from '../ui/field.tsx'
import { FailureList } from './failure-list.tsx'
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
  const [left, setLeft] = useState<readonly Moved[]>(files)
  const ids = left.map(({ id }) => id)
  const move = useMutation({
    async mutationFn() {
      const groupId = await findTarget()
      const named = chosen === isNew ? name.trim() : groups?.find(({ id }) => id === chosen)?.name
      return moveFiles(left, {
        groupId,
        words: groupId === null ? 'taken out of their group' : `moved to ${named ?? groupId}`,
      })
    },
    onSuccess(failures) {
      setLeft(failures.map(({ item }) => item))
      if (failures.length > 0) return
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
  const failures = move.isPending ? [] : (move.data ?? [])
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
          <FailureList title={`${failures.length} of ${files.length} could not be moved`} failures={failures} />
        )}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look="primary"
            isBusy={move.isPending}
            disabledBecause={chosen === isNew && name.trim() === '' && 'Give the new group a name first.'}
          >
            {failures.length > 0 ? 'Try again' : 'Move'}
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
