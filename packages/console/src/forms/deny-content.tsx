import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { refreshDenials } from '../api/denials.ts'
import { messageOf } from '../api/explain.ts'
import { offerUndo } from '../lib/undo.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { Notice } from '../ui/notice.tsx'
import { FormError } from './form-error.tsx'

interface DenyContentProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Takes content down in all accounts; says whom it concerns and asks again where that is more than one. */
export function DenyContent({ isOpen, onClose }: DenyContentProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="Take content down">
      <Body onClose={onClose} />
    </Dialog>
  )
}

function Body({ onClose }: { readonly onClose: () => void }) {
  const [cid, setCid] = useState('')
  const [reason, setReason] = useState('')
  const deny = useMutation({
    mutationFn: (confirm: boolean) => client.call(routes.denialsAdd, { body: { cid: cid.trim(), reason, confirm } }),
    async onSuccess({ cid: denied }) {
      await refreshDenials()
      onClose()
      offerUndo({
        words: 'Content is taken down',
        async undo() {
          await client.call(routes.denialsRemove, { params: { cid: denied } })
          await refreshDenials()
        },
      })
    },
  })
  const isAsked = deny.error instanceof ApiError && deny.error.reason === 'CONFIRMATION_NEEDED'
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!deny.isPending) deny.mutate(isAsked)
      }}
    >
      <p>
        The gateway answers 410 on every address that leads to it or through it, and nobody may bring it again, in any
        account. Files stay with their owners, marked; copies elsewhere stay out there.
      </p>
      <Field label="CID" hint="In any spelling: all others are meant as well.">
        <TextInput
          required
          spellCheck={false}
          maxLength={200}
          className="font-mono text-xs"
          value={cid}
          onChange={({ target }) => {
            deny.reset()
            setCid(target.value)
          }}
        />
      </Field>
      <Field label="Reason" hint="Whoever asks for it, and those who hold it, read this.">
        <TextInput
          dir="auto"
          required
          maxLength={500}
          value={reason}
          onChange={({ target }) => setReason(target.value)}
        />
      </Field>
      {isAsked && (
        <Notice tone="warn" isUrgent>
          <p>{messageOf(deny.error)}</p>
        </Notice>
      )}
      {deny.error !== null && !isAsked && <FormError error={deny.error} />}
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="danger" isBusy={deny.isPending}>
          {isAsked ? 'Take it down all the same' : 'Take down'}
        </Button>
      </Actions>
    </form>
  )
}
