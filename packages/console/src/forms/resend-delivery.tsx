import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type Delivery, noticeWebhooksChanged } from '../api/webhooks.ts'
import { Button } from '../ui/button.tsx'
import { FormError } from './form-error.tsx'

interface ResendDeliveryProps {
  readonly webhookId: string
  readonly delivery: Delivery
  /** Why it cannot be sent now. */
  readonly disabledBecause: string | false
}

/** Has an event sent again, under the id it had. */
export function ResendDelivery({ webhookId, delivery, disabledBecause }: ResendDeliveryProps) {
  const resend = useMutation({
    mutationFn: () => client.call(routes.webhooksResend, { params: { id: webhookId, deliveryId: delivery.id } }),
    onSuccess: noticeWebhooksChanged,
  })
  return (
    <>
      <Button
        look="quiet"
        size="small"
        isBusy={resend.isPending}
        disabledBecause={disabledBecause}
        onClick={() => resend.mutate()}
      >
        Send again
      </Button>
      {resend.isError && <FormError error={resend.error} />}
    </>
  )
}
