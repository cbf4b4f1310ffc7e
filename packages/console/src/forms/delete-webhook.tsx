import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { noticeWebhooksChanged, type Webhook } from '../api/webhooks.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

interface DeleteWebhookProps {
  readonly webhook: Webhook
  readonly onClose: () => void
  readonly onDeleted: () => void
}

/** Ends a webhook. */
export function DeleteWebhook({ webhook, onClose, onDeleted }: DeleteWebhookProps) {
  const end = useMutation({
    mutationFn: () => client.call(routes.webhooksDelete, { params: { id: webhook.id } }),
    onSuccess() {
      // First away from the page of what is gone, or it would ask for it.
      onDeleted()
      void noticeWebhooksChanged()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title="Delete webhook"
      action="Delete webhook"
      isBusy={end.isPending}
      onConfirm={() => end.mutate()}
      error={end.isError && <FormError error={end.error} />}
    >
      <p className="break-words">
        Nothing more is sent to <bdi className="font-medium">{webhook.url}</bdi>, and what was not delivered yet is not
        sent any more. Its log goes with it.
      </p>
    </Confirm>
  )
}
