import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type Name, noticeNamesChanged } from '../api/names.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogForm } from './dialog-form.tsx'
import { NameFields, newNameDraft } from './name-fields.tsx'

interface NewNameProps {
  readonly onClose: () => void
  readonly onMade: (name: Name) => void
}

/** Makes a name with a key of its own. */
export function NewName({ onClose, onMade }: NewNameProps) {
  const [draft, setDraft] = useState(newNameDraft)
  const create = useMutation({
    mutationFn: () => client.call(routes.namesCreate, { body: { ...draft, label: draft.label.trim() } }),
    async onSuccess(made) {
      await noticeNamesChanged()
      onMade(made)
    },
  })
  return (
    <Dialog isOpen onClose={onClose} title="New name">
      <DialogForm sending={create} submit="Make name" onClose={onClose}>
        <NameFields draft={draft} onChange={setDraft} />
      </DialogForm>
    </Dialog>
  )
}
