import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type Name, noticeNamesChanged } from '../api/names.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field, TextArea, TextInput } from '../ui/field.tsx'
import { DialogForm } from './dialog-form.tsx'
import { NameFields, newNameDraft } from './name-fields.tsx'

interface ImportNameProps {
  readonly onClose: () => void
  readonly onMade: (name: Name) => void
}

/** Brings a name from another program by its key, which is forgotten with the dialog. */
export function ImportName({ onClose, onMade }: ImportNameProps) {
  const [draft, setDraft] = useState(newNameDraft)
  const [key, setKey] = useState('')
  const [sequence, setSequence] = useState('')
  const bring = useMutation({
    mutationFn: () =>
      client.call(routes.namesImport, {
        body: { ...draft, label: draft.label.trim(), key, ...(sequence === '' ? {} : { sequence: Number(sequence) }) },
      }),
    gcTime: 0,
    async onSuccess(made) {
      await noticeNamesChanged()
      onMade(made)
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Import key"
      description="The name of this key is published here from then on. Stop publishing it elsewhere."
      isWide
    >
      <DialogForm sending={bring} submit="Import key" onClose={onClose}>
        <Field
          label="Private key"
          hint={
            <>
              Ed25519, as{' '}
              <code className="font-mono text-xs break-all">ipfs key export --format=pem-pkcs8-cleartext</code> writes
              it, or what <code className="font-mono text-xs">ipfs key export</code> writes, in base64.
            </>
          }
        >
          <TextArea
            required
            rows={4}
            maxLength={4_000}
            className="font-mono text-xs"
            value={key}
            onChange={({ target }) => setKey(target.value)}
          />
        </Field>
        <Field
          label="Last number elsewhere"
          hint="Where it was published before: the next record gets a higher one. It may stay empty for a name that never was."
        >
          <TextInput
            inputMode="numeric"
            pattern="[0-9]{0,15}"
            value={sequence}
            onChange={({ target }) => setSequence(target.value)}
          />
        </Field>
        <NameFields draft={draft} onChange={setDraft} />
      </DialogForm>
    </Dialog>
  )
}
