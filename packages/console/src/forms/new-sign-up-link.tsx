import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { refreshSignUps } from '../api/sign-up.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { readGib } from '../lib/read-gib.ts'
import { CopyField } from '../ui/copy.tsx'
import { Dialog, Done } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { quotaWords } from './account-fields.tsx'
import { DialogForm } from './dialog-form.tsx'

type Made = AnswerOf<typeof routes.signUpLinksMake>

interface NewSignUpLinkProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a link by which several people may join, and shows it once. */
export function NewSignUpLink({ isOpen, onClose }: NewSignUpLinkProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New link for joining">
      <Body onClose={onClose} />
    </Dialog>
  )
}

/** Mounted with each opening: the link is in this page no longer than it is shown. */
function Body({ onClose }: { readonly onClose: () => void }) {
  const [maxUses, setMaxUses] = useState('1')
  const [days, setDays] = useState('7')
  const [quota, setQuota] = useState('')
  const [note, setNote] = useState('')
  const quotaBytes = readGib(quota)
  const make = useMutation({
    mutationFn: (): Promise<Made> =>
      client.call(routes.signUpLinksMake, {
        body: {
          maxUses: Number(maxUses),
          expiresInDays: Number(days),
          note,
          ...(quotaBytes == null ? {} : { quotaBytes }),
        },
      }),
    gcTime: 0,
    onSuccess: refreshSignUps,
  })
  if (make.data !== undefined) {
    const { link, url } = make.data
    return (
      <>
        <p>
          Hand this link over. It makes {link.maxUses === 1 ? 'one account' : `up to ${link.maxUses} accounts`} until{' '}
          {formatDayAndTime(link.expiresAt)}, and is shown only now.
        </p>
        <CopyField label="Link for joining" value={url} />
        <Done onClose={onClose} />
      </>
    )
  }
  return (
    <DialogForm sending={make} submit="Make link" isReady={quotaBytes !== undefined} onClose={onClose}>
      <Field label="Accounts that it makes">
        <TextInput
          type="number"
          min={1}
          max={10_000}
          required
          value={maxUses}
          onChange={({ target }) => setMaxUses(target.value)}
        />
      </Field>
      <Field label="Days that it is good">
        <TextInput
          type="number"
          min={1}
          max={365}
          required
          value={days}
          onChange={({ target }) => setDays(target.value)}
        />
      </Field>
      <Field
        label="Quota in GiB"
        hint="Empty: the usual one."
        error={quotaBytes === undefined ? quotaWords : undefined}
      >
        <TextInput inputMode="decimal" value={quota} onChange={({ target }) => setQuota(target.value)} />
      </Field>
      <Field label="Note" hint="For yourself: whom it is for.">
        <TextInput dir="auto" maxLength={200} value={note} onChange={({ target }) => setNote(target.value)} />
      </Field>
    </DialogForm>
  )
}
