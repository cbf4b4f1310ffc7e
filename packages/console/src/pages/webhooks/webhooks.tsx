import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { useSession } from '../../api/session.ts'
import { type Webhook, webhooksQuery, wordsOfKinds } from '../../api/webhooks.ts'
import { NewWebhook } from '../../forms/new-webhook.tsx'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Forbidden } from '../../shell/forbidden.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Late } from '../../ui/late.tsx'
import { Page } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { WebhookState } from './webhook-state.tsx'

/** The webhooks of the account. */
export function WebhooksPage() {
  const isMember = useSession().account.role === 'member'
  const [isMaking, setMaking] = useState(false)
  return (
    <Page
      title="Webhooks"
      lead="Programs of yours are told what happens here: a file came, a pin failed, the quota is near."
      actions={
        <>
          <ApiCall curl={toCurl(routes.webhooksList)} />
          <Button
            look="primary"
            disabledBecause={isMember && 'Only owners make webhooks; ask one of them.'}
            onClick={() => setMaking(true)}
          >
            <Plus />
            New webhook
          </Button>
        </>
      }
    >
      {isMember ? (
        <Forbidden permission="webhooks.list">An owner of this account can make you an owner too.</Forbidden>
      ) : (
        <Webhooks onNew={() => setMaking(true)} />
      )}
      <NewWebhook isOpen={isMaking} onClose={() => setMaking(false)} />
    </Page>
  )
}

function Webhooks({ onNew }: { readonly onNew: () => void }) {
  const { data: webhooks, error, refetch } = useQuery(webhooksQuery)
  if (webhooks === undefined)
    return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (webhooks.length === 0) {
    return (
      <Empty
        title="No webhooks yet"
        action={
          <Button look="primary" onClick={onNew}>
            New webhook
          </Button>
        }
      >
        <p>
          Name an address of a program of yours. What happens is posted there, signed, and tried again for a day when it
          is not accepted.
        </p>
        <Code label="command" text={toCurl(routes.webhooksCreate, { body: { url: 'https://app.example.org/hook' } })} />
      </Empty>
    )
  }
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Table
        label="Webhooks"
        head={
          <>
            <Th>Address</Th>
            <Th>Events</Th>
            <Th>State</Th>
            <Th>Last accepted</Th>
          </>
        }
      >
        {webhooks.map((webhook) => (
          <Row key={webhook.id} webhook={webhook} />
        ))}
      </Table>
    </>
  )
}

function Row({ webhook }: { readonly webhook: Webhook }) {
  const { id, name, url, lastSuccessAt } = webhook
  return (
    <tr>
      <Td className="max-w-md min-w-56">
        <Link {...paths.webhook(id)} className="block truncate font-medium hover:underline" title={url}>
          <bdi>{name === '' ? url : name}</bdi>
        </Link>
        {name !== '' && (
          <span className="text-muted block truncate font-mono text-xs" title={url}>
            {url}
          </span>
        )}
      </Td>
      <Td className="whitespace-nowrap">{wordsOfKinds(webhook)}</Td>
      <Td>
        <WebhookState webhook={webhook} />
      </Td>
      <Td>{lastSuccessAt === null ? 'never' : <Ago iso={lastSuccessAt} />}</Td>
    </tr>
  )
}
