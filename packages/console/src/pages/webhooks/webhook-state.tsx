import type { Webhook } from '../../api/webhooks.ts'
import { Badge } from '../../ui/badge.tsx'

/** Whether a webhook is sent to, and whether it takes what is sent. */
export function WebhookState({ webhook }: { readonly webhook: Webhook }) {
  if (webhook.state === 'disabled') return <Badge tone="danger">disabled</Badge>
  if (webhook.failingSince !== null) return <Badge tone="warn">failing</Badge>
  return <Badge tone="ok">active</Badge>
}
