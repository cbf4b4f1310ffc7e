import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type Webhook, webhookQuery, wordsOfKind } from '../../api/webhooks.ts'
import { DeleteWebhook } from '../../forms/delete-webhook.tsx'
import { EditWebhook } from '../../forms/edit-webhook.tsx'
import { RotateWebhookSecret } from '../../forms/rotate-webhook-secret.tsx'
import { WebhookDeeds } from '../../forms/webhook-deeds.tsx'
import { formatWhole } from '../../lib/format-time.ts'
import { useNow } from '../../lib/use-now.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Kept } from '../../shell/kept.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyValue, Fact, FactList } from '../../ui/facts.tsx'
import { Late } from '../../ui/late.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Ago } from '../../ui/time.tsx'
import { Deliveries } from './deliveries.tsx'
import { WebhookState } from './webhook-state.tsx'

const route = getRouteApi('/signed-in/webhooks/$id')

/** One webhook: what it gets, how it does, and what was sent there. */
export function WebhookPage() {
  const { id } = route.useParams()
  const { data: webhook, error, refetch } = useQuery(webhookQuery(id))
  if (webhook !== undefined) {
    return (
      <Kept error={error} onRetry={() => void refetch()}>
        <Shown webhook={webhook} />
      </Kept>
    )
  }
  return (
    <Page title="Webhook">
      {error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Link {...paths.webhooks} className="text-accent underline">
        All webhooks
      </Link>
    </Page>
  )
}

function Shown({ webhook }: { readonly webhook: Webhook }) {
  const navigate = useNavigate()
  const [asked, setAsked] = useState<'change' | 'secret' | 'delete'>()
  const { id, url, name, kinds, disabledReason, failingSince, lastSuccessAt, createdAt, previousSecretUntil } = webhook
  const now = useNow()
  const isOverlapping = previousSecretUntil !== null && Date.parse(previousSecretUntil) > now
  return (
    <Page
      title={name === '' ? new URL(url).host : name}
      actions={
        <>
          <ApiCall curl={toCurl(routes.webhooksDeliveries, { params: { id } })} />
          <Button onClick={() => setAsked('change')}>
            <Pencil />
            Change
          </Button>
          <Button look="danger" onClick={() => setAsked('delete')}>
            <Trash2 />
            Delete
          </Button>
        </>
      }
    >
      <FactList>
        <Fact name="Address">
          <CopyValue text={url} label="Copy address" />
        </Fact>
        <Fact name="State">
          <WebhookState webhook={webhook} /> {disabledReason}
        </Fact>
        <Fact name="Events">{kinds === null ? 'Every kind' : kinds.map(wordsOfKind).join('; ')}</Fact>
        <Fact name="Last accepted">{lastSuccessAt === null ? 'never' : <Ago iso={lastSuccessAt} />}</Fact>
        {failingSince !== null && (
          <Fact name="Failing since">
            <Ago iso={failingSince} />. It is tried for a day.
          </Fact>
        )}
        <Fact name="Made">
          <Ago iso={createdAt} />
        </Fact>
        <Fact name="Secret">
          Shown once, when it is made.{' '}
          {isOverlapping && <>The one before signs too until {formatWhole(previousSecretUntil)}. </>}
          <button type="button" className="text-accent underline" onClick={() => setAsked('secret')}>
            New secret
          </button>
        </Fact>
      </FactList>
      <WebhookDeeds webhook={webhook} />
      <Section title="Deliveries" lead="What was and is to be sent, latest first. Kept for some days.">
        <Deliveries webhook={webhook} />
      </Section>
      {asked === 'change' && <EditWebhook webhook={webhook} onClose={() => setAsked(undefined)} />}
      {asked === 'secret' && <RotateWebhookSecret webhook={webhook} onClose={() => setAsked(undefined)} />}
      {asked === 'delete' && (
        <DeleteWebhook
          webhook={webhook}
          onClose={() => setAsked(undefined)}
          onDeleted={() => void navigate(paths.webhooks)}
        />
      )}
    </Page>
  )
}
