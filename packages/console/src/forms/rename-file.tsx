import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type File, refreshFiles } from '../api/files.ts'
import { messageOf } from '../api/explain.ts'
import { offerUndo } from '../lib/undo.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'

interface RenameFileProps {
  readonly file: File
  readonly onClose: () => void
}

/** Gives a file another name. Its content and CID stay. */
export function RenameFile({ file, onClose }: RenameFileProps) {
  const [name, setName] = useState(file.name ?? '')
  const renameTo = async (to: string) => {
    await client.call(routes.filesUpdate, { params: { network: file.network, id: file.id }, body: { name: to } })
    await refreshFiles()
  }
  const rename = useMutation({
    async mutationFn() {
      const before = file.name
      await renameTo(name)
      if (before !== null && before !== name) offerUndo({ words: `Renamed to ${name}`, undo: () => renameTo(before) })
    },
    onSuccess() {
      onClose()
    },
  })
  return (
    <Dialog isOpen onClose={onClose} title="Rename">
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault()
          if (!rename.isPending) rename.mutate()
        }}
      >
        <Field
          label="Name"
          hint="Only the name in this account: the CID stays, and so does every link."
          error={rename.isError ? messageOf(rename.error) : undefined}
        >
          <TextInput dir="auto" maxLength={1_024} value={name} onChange={(event) => setName(event.target.value)} />
        </Field>
        <Actions>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" isBusy={rename.isPending}>
            Rename
          </Button>
        </Actions>
      </form>
    </Dialog>
  )
}
