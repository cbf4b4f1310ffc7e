import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { type Session, sessionsQuery } from '../../api/sessions.ts'
import { EndSessions } from '../../forms/end-sessions.tsx'
import { describeBrowser } from '../../lib/describe-browser.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Late } from '../../ui/late.tsx'
import { Section } from '../../ui/page.tsx'
import { RowDeed, Table, Td, Th, ThDeeds } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

const none: readonly Session[] = []

/** Where one is signed in, and the way to end it there. */
export function Sessions() {
  const { data, error, refetch } = useQuery(sessionsQuery)
  const [ending, setEnding] = useState(none)
  const others = data?.sessions.filter(({ current }) => !current) ?? none
  return (
    <Section
      title="Sessions"
      lead="Browsers in which you are signed in. A session ends a week after its last use."
      actions={
        <Button disabledBecause={others.length === 0 && 'There is no other session.'} onClick={() => setEnding(others)}>
          End all others
        </Button>
      }
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Late />}
      {data !== undefined && (
        <Table
          label="Sessions"
          head={
            <>
              <Th>Browser</Th>
              <Th>Address</Th>
              <Th>Last used</Th>
              <Th>Signed in</Th>
              <ThDeeds />
            </>
          }
        >
          {data.sessions.map((session) => (
            <Row key={session.id} session={session} onEnd={() => setEnding([session])} />
          ))}
        </Table>
      )}
      <EndSessions sessions={ending} onClose={() => setEnding(none)} />
    </Section>
  )
}

function Row({ session, onEnd }: { readonly session: Session; readonly onEnd: () => void }) {
  const { current, agent, address, lastUsedAt, createdAt } = session
  const browser = describeBrowser(agent)
  return (
    <tr>
      <Td className="max-w-72 truncate" title={agent ?? undefined}>
        {browser} {current && <Badge tone="accent">this one</Badge>}
      </Td>
      <Td className="font-mono text-xs">{address ?? 'unknown'}</Td>
      <Td>
        <Ago iso={lastUsedAt} />
      </Td>
      <Td>
        <Ago iso={createdAt} />
      </Td>
      <Td className="text-right">
        <RowDeed
          name={`End the session of ${browser}`}
          disabledBecause={current && 'This is where you are: sign out instead.'}
          onClick={onEnd}
        >
          End
        </RowDeed>
      </Td>
    </tr>
  )
}
