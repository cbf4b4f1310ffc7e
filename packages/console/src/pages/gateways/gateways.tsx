import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { gatewaysQuery } from '../../api/gateways.ts'
import { NewGateway } from '../../forms/new-gateway.tsx'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

/** The gateways of the account. */
export function GatewaysPage() {
  const [isMaking, setMaking] = useState(false)
  return (
    <Page
      title="Gateways"
      lead="A gateway is reached by its name below this installation's gateway host, and by domains of your own. Without tokens, hosts or addresses it shows the public files of this account; with any of them, every public file, to whoever one of them lets in."
      actions={
        <>
          <ApiCall curl={toCurl(routes.gatewaysList)} />
          <Button look="primary" onClick={() => setMaking(true)}>
            <Plus />
            New gateway
          </Button>
        </>
      }
    >
      <Gateways onNew={() => setMaking(true)} />
      <NewGateway isOpen={isMaking} onClose={() => setMaking(false)} />
    </Page>
  )
}

function Gateways({ onNew }: { readonly onNew: () => void }) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(gatewaysQuery)
  if (data === undefined) return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  const gateways = data.pages.flatMap(({ rows }) => rows)
  if (gateways.length === 0) {
    return (
      <Empty
        title="No gateways yet"
        action={
          <Button look="primary" onClick={onNew}>
            New gateway
          </Button>
        }
      >
        <p>Programs written for Pinata make and read them by the same requests.</p>
        <Code label="command" text={toCurl(routes.gatewaysCreate, { body: { domain: 'my-site' } })} />
      </Empty>
    )
  }
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Table
        label="Gateways"
        head={
          <>
            <Th>Name</Th>
            <Th>Read by</Th>
            <Th>Domains</Th>
            <Th>Made</Th>
          </>
        }
      >
        {gateways.map(({ id, domain, restrict, custom_domains: domains, created_at: createdAt }) => (
          <tr key={id}>
            <Td className="max-w-64 min-w-32">
              <Link {...paths.gateway(id)} className="block truncate font-medium hover:underline" title={domain}>
                {domain}
              </Link>
            </Td>
            <Td>{restrict ? <Badge tone="accent">those let in</Badge> : <Badge>anyone</Badge>}</Td>
            <Td className="max-w-sm break-words">{domains.map((each) => each.domain).join(', ') || 'none'}</Td>
            <Td>
              <Ago iso={createdAt} />
            </Td>
          </tr>
        ))}
      </Table>
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
    </>
  )
}
