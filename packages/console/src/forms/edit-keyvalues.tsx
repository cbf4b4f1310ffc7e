import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { type File, refreshFiles } from '../api/files.ts'
import { offerUndo } from '../lib/undo.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { filledLines, type KeyvalueLine, KeyvalueLines, whatIsWrongWith } from './keyvalue-lines.tsx'

interface EditKeyvaluesProps {
  readonly file: File
  readonly onClose: () => void
}

/** Adds, changes and removes key-values of a file. Only what differs is sent, so that numbers nobody touched stay numbers. */
export function EditKeyvalues({ file, onClose }: EditKeyvaluesProps) {
  const [lines, setLines] = useState<readonly KeyvalueLine[]>(() => {
    const known = Object.entries(file.keyvalues).map(([key, value], id) => ({ id, key, value }))
    return known.length === 0 ? [{ id: 0, key: '', value: '' }] : known
  })
  const wrong = whatIsWrongWith(lines)
  const change = async (keyvalues: Record<string, string | null>) => {
    await client.call(routes.filesUpdate, { params: { network: file.network, id: file.id }, body: { keyvalues } })
    await refreshFiles()
  }
  const save = useMutation({
    async mutationFn() {
      const changes = changesOf(file.keyvalues, lines)
      // What every object has under such names as `constructor` is no value of the file.
      const known = new Map(Object.entries(file.keyvalues))
      const before = Object.fromEntries(Object.keys(changes).map((key) => [key, known.get(key) ?? null]))
      await change(changes)
      if (Object.keys(changes).length > 0) offerUndo({ words: 'Key-values changed', undo: () => change(before) })
    },
    onSuccess() {
      onClose()
    },
  })
  return (
    <Dialog isOpen onClose={onClose} title="Key-values" description="Files can be listed by them." isWide>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (!save.isPending && wrong === undefined) save.mutate()
        }}
      >
        <KeyvalueLines lines={lines} onChange={setLines} />
        {save.isError && (
          <p role="alert" className="text-danger">
            {messageOf(save.error)}
          </p>
        )}
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={save.isPending} disabledBecause={wrong}>
            Save
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}

function changesOf(
  before: Readonly<Record<string, string>>,
  lines: readonly KeyvalueLine[],
): Record<string, string | null> {
  const after = new Map(filledLines(lines).map(({ key, value }) => [key, value]))
  const removed = Object.keys(before).filter((key) => !after.has(key))
  const set = [...after].filter(([key, value]) => before[key] !== value || !Object.hasOwn(before, key))
  return Object.fromEntries<string | null>([...removed.map((key): [string, null] => [key, null]), ...set])
}
