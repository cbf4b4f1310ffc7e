import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type SignUps, signUpsQuery } from '../../api/sign-up.ts'
import { AcceptSignUp } from '../../forms/accept-sign-up.tsx'
import { EndSignUp, type EndingSignUp } from '../../forms/end-sign-up.tsx'
import { NewSignUpLink } from '../../forms/new-sign-up-link.tsx'
import { formatBytes } from '../../lib/format-bytes.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Late } from '../../ui/late.tsx'
import { Section } from '../../ui/page.tsx'
import { RowDeed, Table, Td, Th, ThDeeds } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

const modes = {
  off: 'Closed: accounts are made here only (PINYON_SIGNUP=off).',
  invite: 'By links that you make (PINYON_SIGNUP=invite).',
  request: 'By links that you make, and by asking (PINYON_SIGNUP=request).',
} as const

/** How people join: who asks, and which links there are. */
export function JoiningSection() {
  const { data, error, refetch } = useQuery(signUpsQuery)
  const [isMaking, setMaking] = useState(false)
  return (
    <Section
      title="Joining"
      lead={data === undefined ? 'How people join this installation.' : modes[data.mode]}
      actions={
        <div className="flex flex-wrap gap-2">
          <ApiCall curl={toCurl(routes.signUpsList)} />
          <Button
            disabledBecause={data?.mode === 'off' && 'Joining is closed: set PINYON_SIGNUP=invite and start again.'}
            onClick={() => setMaking(true)}
          >
            <Plus />
            New link
          </Button>
        </div>
      }
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Late />}
      {data !== undefined && <Shown signUps={data} />}
      <NewSignUpLink isOpen={isMaking} onClose={() => setMaking(false)} />
    </Section>
  )
}

function Shown({ signUps }: { readonly signUps: SignUps }) {
  const { requests, links, defaultQuotaBytes } = signUps
  const [accepting, setAccepting] = useState<SignUps['requests'][number]>()
  const [ending, setEnding] = useState<EndingSignUp>()
  return (
    <>
      <p className="text-muted">
        New accounts may hold{' '}
        {defaultQuotaBytes === null ? 'as much as the disk takes' : formatBytes(defaultQuotaBytes)} unless it is said
        otherwise (PINYON_DEFAULT_QUOTA).
      </p>
      {requests.length > 0 && <Requests requests={requests} onAccept={setAccepting} onRefuse={setEnding} />}
      {links.length > 0 && <Links links={links} onEnd={setEnding} />}
      <AcceptSignUp request={accepting} defaultQuotaBytes={defaultQuotaBytes} onClose={() => setAccepting(undefined)} />
      <EndSignUp ending={ending} onClose={() => setEnding(undefined)} />
    </>
  )
}

interface RequestsProps extends Pick<SignUps, 'requests'> {
  readonly onAccept: (request: SignUps['requests'][number]) => void
  readonly onRefuse: (ending: EndingSignUp) => void
}

function Requests({ requests, onAccept, onRefuse }: RequestsProps) {
  return (
    <Table
      label="Requests for accounts"
      head={
        <>
          <Th>Who asks</Th>
          <Th>What for</Th>
          <Th>Asked</Th>
          <ThDeeds />
        </>
      }
    >
      {requests.map((request) => (
        <tr key={request.id}>
          <Td className="max-w-72 min-w-44">
            <bdi className="block font-medium [overflow-wrap:anywhere]">{request.email}</bdi>
            <bdi className="text-muted block [overflow-wrap:anywhere]">{request.name}</bdi>
            {request.isUser && <Badge>is here already</Badge>}
          </Td>
          <Td className="max-w-md min-w-44 [overflow-wrap:anywhere]">
            <bdi>{request.note}</bdi>
          </Td>
          <Td className="whitespace-nowrap">
            <Ago iso={request.createdAt} />
          </Td>
          <Td className="text-right whitespace-nowrap">
            <RowDeed name={`Accept ${request.email}`} onClick={() => onAccept(request)}>
              Accept
            </RowDeed>
            <RowDeed
              name={`Refuse ${request.email}`}
              onClick={() => onRefuse({ kind: 'request', id: request.id, name: request.email })}
            >
              Refuse
            </RowDeed>
          </Td>
        </tr>
      ))}
    </Table>
  )
}

function Links({ links, onEnd }: Pick<SignUps, 'links'> & { readonly onEnd: (ending: EndingSignUp) => void }) {
  return (
    <Table
      label="Links for joining"
      head={
        <>
          <Th>Note</Th>
          <Th>Used</Th>
          <Th>Quota</Th>
          <Th>Made</Th>
          <Th>Good until</Th>
          <ThDeeds />
        </>
      }
    >
      {links.map((link) => (
        <tr key={link.id}>
          <Td className="max-w-72 min-w-32 [overflow-wrap:anywhere]">
            <bdi>{link.note}</bdi>
          </Td>
          <Td className="tabular whitespace-nowrap">
            {link.uses} of {link.maxUses}
          </Td>
          <Td className="whitespace-nowrap">{link.quotaBytes === null ? 'the usual' : formatBytes(link.quotaBytes)}</Td>
          <Td className="whitespace-nowrap">
            <Ago iso={link.createdAt} />
          </Td>
          <Td className="whitespace-nowrap">
            {link.revokedAt === null ? <Ago iso={link.expiresAt} /> : <Badge tone="danger">ended</Badge>}
          </Td>
          <Td className="text-right">
            <RowDeed
              name={`End the link ${link.note || link.id}`}
              disabledBecause={link.revokedAt !== null && 'It has ended.'}
              onClick={() => onEnd({ kind: 'link', id: link.id, name: link.note || link.id })}
            >
              End
            </RowDeed>
          </Td>
        </tr>
      ))}
    </Table>
  )
}
