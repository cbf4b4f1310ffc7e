import { routes } from '@pinyon/contract/routes.ts'
import { maxKeyvalues } from '@pinyon/contract/keyvalues.ts'
import { useMutation } from '@tanstack/react-query'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { type File, refreshFiles } from '../api/files.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { TextInput } from '../ui/field.tsx'

interface Line {
  readonly id: number
  readonly key: string
  readonly value: string
}

interface EditKeyvaluesProps {
  readonly file: File
  readonly onClose: () => void
}

/** Adds, changes and removes key-values of a file. Only what differs is sent, so that numbers nobody touched stay numbers. */
export function EditKeyvalues({ file, onClose }: EditKeyvaluesProps) {
  const [lines, setLines] = useState<readonly Line[]>(() => {
    const known = Object.entries(file.keyvalues).map(([key, value], id) => ({ id, key, value }))
    return known.length === 0 ? [{ id: 0, key: '', value: '' }] : known
  })
  const wrong = whatIsWrong(lines)
  const save = useMutation({
    mutationFn: () =>
      client.call(routes.filesUpdate, {
        params: { network: file.network, id: file.id },
        body: { keyvalues: changesOf(file.keyvalues, lines) },
      }),
    async onSuccess() {
      await refreshFiles()
      onClose()
    },
  })
  const set = (id: number, change: Partial<Line>) =>
    setLines(lines.map((line) => (line.id === id ? { ...line, ...change } : line)))
  return (
    <Dialog isOpen onClose={onClose} title="Key-values" description="Files can be listed by them." isWide>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (!save.isPending && wrong === undefined) save.mutate()
        }}
      >
        <ul className="flex flex-col gap-2">
          {lines.map(({ id, key, value }, index) => (
            <li key={id} className="flex items-center gap-2">
              <TextInput
                dir="auto"
                aria-label={`Key ${index + 1}`}
                placeholder="Key"
                value={key}
                onChange={(event) => set(id, { key: event.target.value })}
              />
              <TextInput
                dir="auto"
                aria-label={`Value ${index + 1}`}
                placeholder="Value"
                value={value}
                onChange={(event) => set(id, { value: event.target.value })}
              />
              <Button
                look="quiet"
                size="icon"
                className="shrink-0"
                aria-label={`Remove key-value ${index + 1}`}
                title="Remove"
                onClick={() => setLines(lines.filter((line) => line.id !== id))}
              >
                <Trash2 />
              </Button>
            </li>
          ))}
        </ul>
        <div>
          <Button
            size="small"
            disabledBecause={lines.length >= maxKeyvalues && `A file has at most ${maxKeyvalues} key-values.`}
            onClick={() => setLines([...lines, { id: (lines.at(-1)?.id ?? -1) + 1, key: '', value: '' }])}
          >
            <Plus />
            Add a key-value
          </Button>
        </div>
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

function filled(lines: readonly Line[]): readonly Line[] {
  return lines.filter(({ key, value }) => key !== '' || value !== '')
}

function whatIsWrong(lines: readonly Line[]): string | undefined {
  const keys = filled(lines).map(({ key }) => key)
  if (keys.includes('')) return 'Each value needs a key.'
  const twice = keys.find((key, index) => keys.indexOf(key) !== index)
  return twice === undefined ? undefined : `The key ${twice} is there twice.`
}

function changesOf(before: Readonly<Record<string, string>>, lines: readonly Line[]): Record<string, string | null> {
  const after = new Map(filled(lines).map(({ key, value }) => [key, value]))
  const removed = Object.keys(before).filter((key) => !after.has(key))
  const set = [...after].filter(([key, value]) => before[key] !== value || !Object.hasOwn(before, key))
  return Object.fromEntries<string | null>([...removed.map((key): [string, null] => [key, null]), ...set])
}
