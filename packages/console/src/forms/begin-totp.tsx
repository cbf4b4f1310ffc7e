import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { refreshTotp } from '../api/totp.ts'
import { CopyField } from '../ui/copy.tsx'
import { Dialog } from '../ui/dialog.tsx'
import { Field } from '../ui/field.tsx'
import { PasswordInput } from '../ui/password-input.tsx'
import { QrCode } from '../ui/qr-code.tsx'
import { DialogForm } from './dialog-form.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { CodeField } from './totp-proof.tsx'

interface BeginTotpProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Turns the second step on: password, picture for the app, a first code, and then the recovery codes. */
export function BeginTotp({ isOpen, onClose }: BeginTotpProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Use an authenticator app">
      <Steps onClose={onClose} />
    </Dialog>
  )
}

/** Mounted with each opening: secret and codes are in this page no longer than they are shown. */
function Steps({ onClose }: { readonly onClose: () => void }) {
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const begin = useMutation({
    mutationFn: () => client.call(routes.totpBegin, { body: { password } }),
    gcTime: 0,
  })
  const confirm = useMutation({
    mutationFn: () => client.call(routes.totpConfirm, { body: { code } }),
    gcTime: 0,
    onSuccess: refreshTotp,
  })
  if (confirm.data !== undefined) return <RecoveryCodes codes={confirm.data.recoveryCodes} onDone={onClose} />
  if (begin.data === undefined) {
    return (
      <DialogForm sending={begin} submit="Go on" onClose={onClose}>
        <p>From then on signing in takes a code of the app besides the password. Your other sessions end.</p>
        <Field label="Password">
          <PasswordInput
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={({ target }) => setPassword(target.value)}
          />
        </Field>
      </DialogForm>
    )
  }
  return (
    <DialogForm sending={confirm} submit="Turn on" onClose={onClose}>
      <p>Have the app read this picture, or type the secret in. Then give the code that it shows.</p>
      <QrCode text={begin.data.url} label="Picture for the authenticator app; the secret stands below it" />
      <CopyField label="Secret" value={begin.data.secret} />
      <CodeField value={code} onChange={setCode} hint="Six digits, as the app shows them now." />
    </DialogForm>
  )
}
