import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type Name, noticeNamesChanged } from '../api/names.ts'
import { saveText } from '../lib/save-text.ts'
import { Button } from '../ui/button.tsx'
import { Code } from '../ui/code.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { DialogForm } from './dialog-form.tsx'

interface ExportNameProps {
  readonly name: Name
  readonly onClose: () => void
}

/** Gives the key of a name for the password. The key is in this page no longer than the dialog is open. */
export function ExportName({ name, onClose }: ExportNameProps) {
  const [password, setPassword] = useState('')
  const take = useMutation({
    mutationFn: () => client.call(routes.namesExport, { params: { id: name.id }, body: { password } }),
    gcTime: 0,
    onSuccess: noticeNamesChanged,
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Export key"
      description="Whoever has this key publishes under the name, and nobody can take it back."
      isWide
    >
      {take.data === undefined ? (
        <DialogForm sending={take} submit="Export key" onClose={onClose}>
          <Field label="Your password">
            <PasswordInput
              name="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={({ target }) => setPassword(target.value)}
            />
          </Field>
        </DialogForm>
      ) : (
        <>
          <Code label="key in PEM" text={take.data.pem.trim()} isWrapped />
          <CopyField label="Key in base64" value={take.data.protobuf} />
          <p>
            The last record has the number {take.data.sequence}; the next one elsewhere needs a higher one. In Kubo,
            with the PEM in a file:
          </p>
          <Code label="command" text="ipfs key import site site.pem --format=pem-pkcs8-cleartext" />
          <Actions>
            <Button onClick={() => saveText(`${name.name}.pem`, take.data.pem)}>Download PEM</Button>
            <Button look="primary" onClick={onClose}>
              Done
            </Button>
          </Actions>
        </>
      )}
    </Dialog>
  )
}
