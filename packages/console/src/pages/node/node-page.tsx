import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { networkWords, type NodeStatus, nodeQuery } from '../../api/node.ts'
import { useSession } from '../../api/session.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Kept } from '../../shell/kept.tsx'
import { Forbidden } from '../../shell/forbidden.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { CopyValue, Fact, FactList } from '../../ui/facts.tsx'
import { Late } from '../../ui/late.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Reachability } from './reachability.tsx'

/** The node of this installation on the IPFS network, and whether others can reach it, for operators. */
export function NodePage() {
  const { user } = useSession()
  return (
    <Page
      title="Node"
      lead="How this installation takes part in the IPFS network, and whether other nodes can reach it."
      actions={user.operator && <ApiCall curl={toCurl(routes.nodeGet)} />}
    >
      {user.operator ? (
        <Asked />
      ) : (
        <Forbidden permission="operator">
          What it takes to connect a node of your own to this one stands under Connect.
        </Forbidden>
      )}
    </Page>
  )
}

function Asked() {
  const { data: node, error, refetch } = useQuery(nodeQuery)
  if (node !== undefined) {
    return (
      <Kept error={error} onRetry={() => void refetch()}>
        <Shown node={node} />
      </Kept>
    )
  }
  return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
}

function Shown({ node }: { readonly node: NodeStatus }) {
  return (
    <>
      <Reachability {...node.reachability} />
      <Section title="About it">
        <FactList>
          <Fact name="Kind">
            {node.kind === 'off'
              ? 'Off. Uploads, reads and keys need no network; pins by CID are fetched from named gateways alone.'
              : 'Embedded. It runs inside this program.'}
          </Fact>
          <Fact name="Network">
            {node.network === 'local' ? 'Local' : 'Public'}. {networkWords[node.network]}
          </Fact>
          <Fact name="Peers connected">
            {node.peers === null ? 'Only operators see this.' : formatNumber(node.peers)}
          </Fact>
          <Fact name="Peer id">
            <CopyValue text={node.peerId} label="Copy peer id" />
          </Fact>
        </FactList>
      </Section>
      <Section title="Addresses" lead="Each is written as a multiaddr, from the outside in.">
        <FactList>
          <Fact name="Listens on">
            <Addresses all={node.listens} what="listen address" none="Nothing: the node is off." />
          </Fact>
          <Fact name="Announces">
            <Addresses
              all={node.announces}
              what="announced address"
              none="Nothing. PINYON_IPFS_ANNOUNCE names addresses."
            />
          </Fact>
          <Fact name="Delegates">
            <Addresses all={node.delegates} what="delegate" none="None." />
            <p className="text-muted text-table">
              Given to whoever pins through the Pinning Services API, so that their node connects to this one.
            </p>
          </Fact>
        </FactList>
      </Section>
    </>
  )
}

interface AddressesProps {
  readonly all: readonly string[]
  readonly what: string
  readonly none: string
}

function Addresses({ all, what, none }: AddressesProps) {
  if (all.length === 0) return <span className="text-muted">{none}</span>
  return (
    <ul className="flex flex-col gap-1">
      {all.map((address) => (
        <li key={address}>
          <CopyValue text={address} label={`Copy ${what} ${address}`} />
        </li>
      ))}
    </ul>
  )
}
