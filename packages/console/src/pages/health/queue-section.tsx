import type { InstallationHealth } from '../../api/health.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { plural } from '../../lib/plural.ts'
import { Mono } from '../../ui/code.tsx'
import { Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

/** Jobs that wait, run and fail, by kind. */
export function QueueSection({ queue }: Pick<InstallationHealth, 'queue'>) {
  const { waiting, running, overdue, isWhole, kinds } = queue
  return (
    <Section
      title="Queue"
      lead="Work that is done later: fetching pins, reading back, sending webhooks, sweeping up. Many wait for their time."
    >
      <p>
        {plural(waiting, 'job')} {waiting === 1 ? 'waits' : 'wait'}, {formatNumber(running)}{' '}
        {running === 1 ? 'runs' : 'run'}
        {overdue > 0 && `, ${formatNumber(overdue)} overdue`}.{!isWhole && ' There are more than are counted here.'}
      </p>
      {kinds.length > 0 && (
        <Table
          label="Queue"
          head={
            <>
              <Th>Kind</Th>
              <Th className="text-right">Waiting</Th>
              <Th className="text-right">Running</Th>
              <Th className="text-right">Failing</Th>
              <Th>Due since</Th>
              <Th>Last error</Th>
            </>
          }
        >
          {kinds.map((kind) => (
            <tr key={kind.kind}>
              <Td className="whitespace-nowrap">
                <Mono>{kind.kind}</Mono>
              </Td>
              <Td className="tabular text-right">{formatNumber(kind.waiting)}</Td>
              <Td className="tabular text-right">{formatNumber(kind.running)}</Td>
              <Td className="tabular text-right">{formatNumber(kind.failing)}</Td>
              <Td className="whitespace-nowrap">{kind.dueSince === null ? '' : <Ago iso={kind.dueSince} />}</Td>
              <Td className="min-w-44 [overflow-wrap:anywhere]">{kind.lastError}</Td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}
