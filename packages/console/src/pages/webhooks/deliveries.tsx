import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { deliveriesQuery, type Delivery, type Webhook, wordsOfKind } from '../../api/webhooks.ts'
import { ResendDelivery } from '../../forms/resend-delivery.tsx'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Table, Td, Th, ThDeeds } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

const tones: Readonly<Record<Delivery['state'], Tone>> = { pending: 'warn', delivered: 'ok', failed: 'danger' }

/** What was and is to be sent to a webhook. */
export function Deliveries({ webhook }: { readonly webhook: Webhook }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    deliveriesQuery(webhook.id),
  )
  const [shown, setShown] = useState<Delivery>()
  if (data === undefined) return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  const deliveries = data.pages.flatMap((page) => page.deliveries)
  if (deliveries.length === 0) return <p className="text-muted">Nothing was sent yet.</p>
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
