import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { noticeWebhooksChanged } from '../api/webhooks.ts'
import { CopyField } from '../ui/copy.tsx'
import { Dialog, Done } from '../ui/dialog.tsx'
import { DialogForm } from './dialog-form.tsx'
import { type WebhookDraft, WebhookFields } from './webhook-fields.tsx'

interface NewWebhookProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a webhook, and shows its secret, once. */
export function NewWebhook({ isOpen, onClose }: NewWebhookProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New webhook" isWide>
      <Body onClose={onClose} />
    </Dialog>
  )
}

/** Mounted with each opening, so that the secret is forgotten with the dialog. */
function Body({ onClose }: Pick<NewWebhookProps, 'onClose'>) {
  const [draft, setDraft] = useState<WebhookDraft>({ url: '', name: '', kinds: null })
  const [made, setMade] = useState<AnswerOf<typeof routes.webhooksCreate>>()
  const create = useMutation({
    async mutationFn() {
      const { url, name, kinds } = draft
      const body = { url: url.trim(), name: name.trim(), kinds: kinds === null ? null : [...kinds] }
      setMade(await client.call(routes.webhooksCreate, { body }))
    },
    gcTime: 0,
    onSuccess: noticeWebhooksChanged,
  })
  if (made !== undefined) {
    return (
      <>
        <p>
          The other side checks with this secret that a message is ours (Standard Webhooks). It is shown only now; if
          you lose it, make a new one on the webhook’s page.
        </p>
        <CopyField label="Secret" value={made.secret} />
        <Done onClose={onClose} />
      </>
    )
  }
  return (
    <DialogForm
      sending={create}
      submit="Make webhook"
      disabledBecause={isEmpty(draft) && 'Choose at least one kind.'}
      onClose={onClose}
    >
      <WebhookFields draft={draft} onChange={setDraft} />
    </DialogForm>
  )
}

function isEmpty({ kinds }: WebhookDraft): boolean {
  return kinds !== null && kinds.length === 0
}
