import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { deliveriesQuery, deliveryStates, type Delivery, type Webhook, wordsOfKind } from '../../api/webhooks.ts'
import { ResendDelivery } from '../../forms/resend-delivery.tsx'
import { type DeliveriesSearch, paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Table, Td, Th, ThDeeds } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { Chip } from '../../ui/chip.tsx'

const none = {
  pending: 'Nothing waits to be sent',
  delivered: 'Nothing was delivered',
  failed: 'Nothing has failed',
} as const

const route = getRouteApi('/signed-in/webhooks/$id')

const tones: Readonly<Record<Delivery['state'], Tone>> = { pending: 'warn', delivered: 'ok', failed: 'danger' }

/** What was and is to be sent to a webhook. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const { state } = route.useSearch()
  const navigate = useNavigate()
  return (
    <>
      <div role="group" aria-label="Show only" className="flex flex-wrap gap-2">
        {deliveryStates.map((each) => (
          <Chip
            key={each}
            label={each}
            isOn={each === state}
            onToggle={(on) => void navigate(paths.webhookBy(webhook.id, on ? { state: each } : {}))}
          />
        ))}
      </div>
      <Rows webhook={webhook} state={state} />
    </>
  )
}

function Rows({ webhook, state }: { readonly webhook: Webhook } & DeliveriesSearch) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    deliveriesQuery(webhook.id, { state }),
  )
  const [shown, setShown] = useState<Delivery>()
  if (data === undefined) return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  const deliveries = data.pages.flatMap((page) => page.deliveries)
  if (deliveries.length === 0) {
    return (
      <Empty title={state === undefined ? 'Nothing was sent yet' : none[state]}>
        <p>{state === undefined ? 'What happens in the account is sent there. A test is sent at once:' : 'A test:'}</p>
        <Code label="command" text={toCurl(routes.webhooksTest, { params: { id: webhook.id } })} />
      </Empty>
    )
  }
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Table
        label="Deliveries"
        head={
          <>
            <Th>Event</Th>
            <Th>State</Th>
            <Th>Attempts</Th>
            <Th>Last attempt</Th>
            <Th>Answer</Th>
            <ThDeeds />
          </>
        }
      >
        {deliveries.map((delivery) => (
          <tr key={delivery.id}>
            <Td className="min-w-48">{wordsOfKind(delivery.kind)}</Td>
            <Td>
              <Badge tone={tones[delivery.state]}>{delivery.state}</Badge>
            </Td>
            <Td className="tabular">{delivery.attempts}</Td>
            <Td className="whitespace-nowrap">
              {delivery.lastAttemptAt === null ? 'not yet' : <Ago iso={delivery.lastAttemptAt} />}
              {delivery.nextAttemptAt !== null && delivery.attempts > 0 && (
                <span className="text-muted block">
                  next <Ago iso={delivery.nextAttemptAt} />
                </span>
              )}
            </Td>
            <Td className="max-w-xs min-w-40 break-words">{delivery.error ?? delivery.status ?? ''}</Td>
            <Td className="text-right whitespace-nowrap">
              <Button look="quiet" size="small" onClick={() => setShown(delivery)}>
                Show
              </Button>
              <ResendDelivery
                webhookId={webhook.id}
                delivery={delivery}
                disabledBecause={
                  delivery.state === 'pending'
                    ? 'It is being sent.'
                    : webhook.state === 'disabled' && 'The webhook is disabled.'
                }
              />
            </Td>
          </tr>
        ))}
      </Table>
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
      <Dialog isOpen={shown !== undefined} onClose={() => setShown(undefined)} title="What is sent" isWide>
        {shown !== undefined && <Code label="message" isWrapped text={pretty(shown.payload)} />}
      </Dialog>
    </>
  )
}

function pretty(payload: string): string {
  return JSON.stringify(JSON.parse(payload), undefined, 2)
}
