import { Empty } from '../../ui/empty.tsx'
import { toCurl } from '../../api/curl.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { historyQuery, type Name, type Publication } from '../../api/names.ts'
import { RollBackName } from '../../forms/roll-back-name.tsx'
import { shorten } from '../../lib/shorten.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Code, Mono } from '../../ui/code.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { RowDeed, Table, Td, Th, ThDeeds } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

/** What was published under a name; each of it can be published again. */
export function NameHistory({ name }: { readonly name: Name }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(
    historyQuery(name.id),
  )
  const [chosen, setChosen] = useState<Publication>()
  if (data === undefined) return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  const history = data.pages.flatMap((page) => page.history)
  if (history.length === 0) {
    return (
      <Empty title="Nothing was published yet">
        <p>What it leads to, and led to, stands here once something is published:</p>
        <Code label="command" text={toCurl(routes.namesPublish, { params: { id: name.id }, body: { cid: 'bafy…' } })} />
      </Empty>
    )
  }
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Table
        label="History"
        head={
          <>
            <Th className="max-md:hidden">Number</Th>
            <Th>Led to</Th>
            <Th>Published</Th>
            <ThDeeds />
          </>
        }
      >
        {history.map((each) => (
          <tr key={each.sequence}>
            <Td className="tabular max-md:hidden">{each.sequence}</Td>
            <Td className="md:min-w-40">
              <span className="text-muted block md:hidden">number {each.sequence}</span>
              <Mono title={each.value}>{shorten(each.value, { head: 18, tail: 8 })}</Mono>
              {each.rolledBackTo !== null && (
                <span className="text-muted block">back to number {each.rolledBackTo}</span>
              )}
            </Td>
            <Td className="whitespace-nowrap">
              <Ago iso={each.publishedAt} />
              <span className="text-muted block">
                {each.publishedBy.kind === 'import' ? 'before it came here' : `by a ${each.publishedBy.kind}`}
              </span>
            </Td>
            <Td className="text-right whitespace-nowrap">
              {each.sequence === name.sequence ? (
                <Badge tone="ok">now</Badge>
              ) : (
                <RowDeed
                  name={`Roll back to number ${each.sequence}`}
                  disabledBecause={each.value === name.value && 'The name leads there now.'}
                  onClick={() => setChosen(each)}
                >
                  Roll back
                </RowDeed>
              )}
            </Td>
          </tr>
        ))}
      </Table>
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
      {chosen !== undefined && <RollBackName name={name} to={chosen} onClose={() => setChosen(undefined)} />}
    </>
  )
}
