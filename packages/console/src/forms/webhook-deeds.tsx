import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { noticeWebhooksChanged, type Webhook } from '../api/webhooks.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { FormError } from './form-error.tsx'

/** Sends a test event and says how it went; stops a webhook, or has it go on. */
export function WebhookDeeds({ webhook }: { readonly webhook: Webhook }) {
  const { id, state } = webhook
  const test = useMutation({
    mutationFn: () => client.call(routes.webhooksTest, { params: { id } }),
    onSuccess: () => void noticeWebhooksChanged(),
  })
  const enable = useMutation({
    mutationFn: (enabled: boolean) => client.call(routes.webhooksUpdate, { params: { id }, body: { enabled } }),
    onSuccess: noticeWebhooksChanged,
  })
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap gap-2">
        <Button isBusy={test.isPending} onClick={() => test.mutate()}>
          Send a test
        </Button>
        <Button isBusy={enable.isPending} onClick={() => enable.mutate(state === 'disabled')}>
          {state === 'disabled' ? 'Make active again' : 'Disable'}
        </Button>
      </div>
      <div role="status">
        {test.data !== undefined && (
          <Notice tone={test.data.state === 'delivered' ? 'ok' : 'danger'}>
            <p className="break-words">
              {test.data.error ?? `Accepted with ${test.data.status} after ${test.data.durationMs} ms.`}
            </p>
          </Notice>
        )}
      </div>
      {test.isError && <FormError error={test.error} />}
      {enable.isError && <FormError error={enable.error} />}
    </div>
  )
}
