import { useQuery } from '@tanstack/react-query'
import { networkWords, nodeQuery } from '../../api/node.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { Late } from '../../ui/late.tsx'
import { Section } from '../../ui/page.tsx'

/** Who this installation is on the IPFS network, for people who connect their own node to it. */
export function ThisNode() {
  const { data: node, error, refetch } = useQuery(nodeQuery)
  return (
    <Section title="This server’s node">
      {node === undefined ? (
        error === null ? (
          <Late />
        ) : (
          <ErrorPanel error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <>
          <p className="max-w-prose">
            {node.kind === 'off'
              ? 'The IPFS network is off here: nobody answers at this address, and content is fetched from the gateways that the operator named.'
              : `${networkWords[node.network]} Kubo connects to the delegates by itself when it pins here; ipfs swarm connect does it by hand.`}
          </p>
          <div className="grid gap-4">
            <CopyField label="Peer id" value={node.peerId} />
            {node.delegates.map((address, index) => (
              <CopyField
                key={address}
                label={node.delegates.length === 1 ? 'Delegate' : `Delegate ${index + 1}`}
                value={address}
              />
            ))}
          </div>
        </>
      )}
    </Section>
  )
}
