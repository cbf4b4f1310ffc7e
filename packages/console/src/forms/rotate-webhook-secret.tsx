import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { noticeWebhooksChanged, type Webhook } from '../api/webhooks.ts'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Actions, Dialog, Done } from '../ui/dialog.tsx'
import { FormError } from './form-error.tsx'

interface RotateProps {
  readonly webhook: Webhook
  readonly onClose: () => void
}

/** Gives a webhook a new secret, and shows it, once. Mounted with each opening, so that it is forgotten with the dialog. */
export function RotateWebhookSecret({ webhook, onClose }: RotateProps) {
  const [made, setMade] = useState<AnswerOf<typeof routes.webhooksRotateSecret>>()
  const rotate = useMutation({
    async mutationFn() {
      setMade(await client.call(routes.webhooksRotateSecret, { params: { id: webhook.id }, body: {} }))
    },
    gcTime: 0,
    onSuccess: noticeWebhooksChanged,
  })
  return (
    <Dialog isOpen onClose={onClose} title="New secret">
      {made === undefined ? (
        <>
          <p>
            For a day messages are signed with the new secret and with the old one, so that the other side can change
            over without missing any.
          </p>
          {rotate.isError && <FormError error={rotate.error} />}
          <Actions>
            <Button onClick={onClose}>Cancel</Button>
            <Button look="primary" isBusy={rotate.isPending} onClick={() => rotate.mutate()}>
              Make new secret
            </Button>
          </Actions>
        </>
      ) : (
        <>
          <p>Give it to the other side. It is shown only now.</p>
          <CopyField label="Secret" value={made.secret} />
          <Done onClose={onClose} />
        </>
      )}
    </Dialog>
  )
}
