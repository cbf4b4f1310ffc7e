import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type Name, noticeNamesChanged } from '../api/names.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogForm } from './dialog-form.tsx'
import { type NameDraft, NameFields } from './name-fields.tsx'

interface EditNameProps {
  readonly name: Name
  readonly onClose: () => void
}

/** Changes the label and the times of a name. */
export function EditName({ name, onClose }: EditNameProps) {
  const { label, lifetimeSeconds, ttlSeconds } = name
  const [draft, setDraft] = useState<NameDraft>({ label, lifetimeSeconds, ttlSeconds })
  const change = useMutation({
    mutationFn: () =>
      client.call(routes.namesUpdate, { params: { id: name.id }, body: { ...draft, label: draft.label.trim() } }),
    async onSuccess() {
      await noticeNamesChanged()
      onClose()
    },
  })
  return (
    <Dialog isOpen onClose={onClose} title="Change name" description="Times are those of the next record.">
      <DialogForm sending={change} submit="Save" onClose={onClose}>
        <NameFields draft={draft} onChange={setDraft} />
      </DialogForm>
    </Dialog>
  )
}
