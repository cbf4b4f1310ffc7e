import { eventKindNames } from '@pinyon/contract/event-kinds.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { noticeWebhooksChanged, type Webhook } from '../api/webhooks.ts'
import { Dialog } from '../ui/dialog.tsx'
import { DialogForm } from './dialog-form.tsx'
import { type WebhookDraft, WebhookFields } from './webhook-fields.tsx'

interface EditWebhookProps {
  readonly webhook: Webhook
  readonly onClose: () => void
}

/** Changes address, name and kinds of a webhook. */
export function EditWebhook({ webhook, onClose }: EditWebhookProps) {
  const { url, name, kinds } = webhook
  const [draft, setDraft] = useState<WebhookDraft>({
    url,
    name,
    kinds: kinds === null ? null : eventKindNames.filter((kind) => kinds.includes(kind)),
  })
  const isEmpty = draft.kinds !== null && draft.kinds.length === 0
  const change = useMutation({
    mutationFn: () =>
      client.call(routes.webhooksUpdate, {
        params: { id: webhook.id },
        body: {
          url: draft.url.trim(),
          name: draft.name.trim(),
          kinds: draft.kinds === null ? null : [...draft.kinds],
        },
      }),
    async onSuccess() {
      await noticeWebhooksChanged()
      onClose()
    },
  })
  return (
    <Dialog isOpen onClose={onClose} title="Change webhook">
      <DialogForm
        sending={change}
        submit="Save"
        disabledBecause={isEmpty && 'Choose at least one kind.'}
        onClose={onClose}
      >
        <WebhookFields draft={draft} onChange={setDraft} />
      </DialogForm>
    </Dialog>
  )
}
