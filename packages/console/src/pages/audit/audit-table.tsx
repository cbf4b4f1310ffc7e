import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { wordsOf } from '../../api/audit-actions.ts'
import { type AuditLine, emailsQuery } from '../../api/audit.ts'
import { formatDayAndTime, formatWhole } from '../../lib/format-time.ts'
import { shorten } from '../../lib/shorten.ts'
import { paths } from '../../paths.ts'
import { Badge } from '../../ui/badge.tsx'
import { Mono } from '../../ui/code.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { readDetail } from './read-detail.ts'

/** Lines of the audit log. */
export function AuditTable({ lines }: { readonly lines: readonly AuditLine[] }) {
  return (
    <Table
      label="Audit log"
      head={
        <>
          <Th>When</Th>
          <Th>Who</Th>
          <Th>What</Th>
          <Th>Target</Th>
          <Th>Detail</Th>
          <Th>Address</Th>
          <Th>Request</Th>
        </>
      }
    >
      {lines.map((line) => (
        <Row key={line.id} line={line} />
      ))}
    </Table>
  )
}

function Row({ line }: { readonly line: AuditLine }) {
  const { at, actor, action, target, address, requestId, result, detail } = line
  return (
    <tr className="align-top [&>td]:align-top">
      <Td className="whitespace-nowrap">
        <time dateTime={at} title={formatWhole(at)}>
          {formatDayAndTime(at)}
        </time>
      </Td>
      <Td className="max-w-56 min-w-44">
        <Who {...actor} />
      </Td>
      <Td>
        <span className="flex flex-col items-start gap-0.5">
          <span>{wordsOf(action)}</span>
          <code className="text-muted font-mono text-xs">{action}</code>
          {result !== 'ok' && <Badge tone="danger">{result}</Badge>}
        </span>
      </Td>
      <Td className="whitespace-nowrap">
        <Target line={target} action={action} />
      </Td>
      <Td className="min-w-72">
        {readDetail(detail).map(({ name, value }) => (
          <span key={name} className="block max-w-md [overflow-wrap:anywhere]">
            <span className="text-muted">{name}:</span> <bdi>{value}</bdi>
          </span>
        ))}
      </Td>
      <Td className="font-mono text-xs">{address ?? ''}</Td>
      <Td className="whitespace-nowrap">{requestId !== null && <Mono title={requestId}>{shorten(requestId)}</Mono>}</Td>
    </tr>
  )
}

function Who({ kind, id }: AuditLine['actor']) {
  const { data: emails } = useQuery(emailsQuery)
  if (id === null) return <span>{kind === 'machine' ? 'Pinyon itself' : kind}</span>
  if (kind === 'key') {
    return (
      <span className="whitespace-nowrap">
        key{' '}
        <Link {...paths.key(id)} className="text-accent underline">
          <Mono title={id}>{shorten(id)}</Mono>
        </Link>
      </span>
    )
  }
  const email = emails?.get(id)
  return (
    <span>
      {kind}{' '}
      {email === undefined ? (
        <Mono title={id}>{shorten(id)}</Mono>
      ) : (
        <bdi className="[overflow-wrap:anywhere]">{email}</bdi>
      )}
    </span>
  )
}

function Target({ line, action }: { readonly line: string | null; readonly action: string }) {
  if (line === null) return null
  const text = <Mono title={line}>{shorten(line)}</Mono>
  if (!action.startsWith('key.')) return text
  return (
    <Link {...paths.key(line)} className="text-accent underline">
      {text}
    </Link>
  )
}
