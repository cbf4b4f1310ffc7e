import { Empty } from '../../ui/empty.tsx'
import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Ban } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type Denial, denialsQuery } from '../../api/denials.ts'
import { AllowContent } from '../../forms/allow-content.tsx'
import { DenyContent } from '../../forms/deny-content.tsx'
import { shorten } from '../../lib/shorten.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Code, Mono } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Section } from '../../ui/page.tsx'
import { RowDeed, Table, Td, Th, ThDeeds } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

/** Content that is taken down in all accounts. */
export function DenialsSection() {
  const { data, error, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(denialsQuery)
  const [isDenying, setDenying] = useState(false)
  const [allowed, setAllowed] = useState<Denial>()
  const denials = data?.pages.flatMap((page) => page.denials) ?? []
  return (
    <Section
      title="Taken down"
      lead="Content that this installation gives to nobody and takes from nobody, whoever holds it."
      actions={
        <div className="flex flex-wrap gap-2">
          <ApiCall curl={toCurl(routes.denialsList, { query: { limit: 50 } })} />
          <Button onClick={() => setDenying(true)}>
            <Ban />
            Take content down
          </Button>
        </div>
      }
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Late />}
      {data !== undefined && denials.length === 0 && (
        <Empty title="Nothing is taken down">
          <p>Content that must not be served is named here by its CID, with the reason that its owners are told:</p>
          <Code
            label="command"
            text={toCurl(routes.denialsAdd, { body: { cid: 'bafy…', reason: 'Court order 12' } })}
          />
        </Empty>
      )}
      {denials.length > 0 && (
        <Table
          label="Taken down"
          head={
            <>
              <Th>CID</Th>
              <Th>Reason</Th>
              <Th>Since</Th>
              <ThDeeds />
            </>
          }
        >
          {denials.map((denial) => (
            <tr key={denial.cid}>
              <Td className="whitespace-nowrap">
                <Mono title={denial.cid}>{shorten(denial.cid)}</Mono>
                <CopyButton text={denial.cid} label={`Copy ${shorten(denial.cid)}`} />
              </Td>
              <Td className="max-w-md min-w-44 [overflow-wrap:anywhere]">
                <bdi>{denial.reason}</bdi>
              </Td>
              <Td className="whitespace-nowrap">
                <Ago iso={denial.deniedAt} />
              </Td>
              <Td className="text-right">
                <RowDeed name={`Allow again ${denial.cid}`} onClick={() => setAllowed(denial)}>
                  Allow again
                </RowDeed>
              </Td>
            </tr>
          ))}
        </Table>
      )}
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
      <DenyContent isOpen={isDenying} onClose={() => setDenying(false)} />
      <AllowContent denial={allowed} onClose={() => setAllowed(undefined)} />
    </Section>
  )
}
