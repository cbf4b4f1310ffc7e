import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import { type InstallationHealth, installationHealthQuery } from '../../api/health.ts'
import { useSession } from '../../api/session.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { paths } from '../../paths.ts'
import { Forbidden } from '../../shell/forbidden.tsx'
import { HealthLine } from '../../shell/health-line.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Fact, FactList } from '../../ui/facts.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Progress } from '../../ui/progress.tsx'
import { QueueSection } from './queue-section.tsx'
import { StorageSection } from './storage-section.tsx'

/** Whether all is well, and how disks, stored bytes, queue and node fare, for operators. */
export function HealthPage() {
  const { user } = useSession()
  return (
    <Page
      title="Health"
      lead="Whether all is well, or what is not and what to do, as the process that answers sees it."
      actions={user.operator && <ApiCall curl={toCurl(routes.installationHealth)} />}
    >
      {user.operator ? (
        <Asked />
      ) : (
        <Forbidden permission="operator">
          Operators look after the whole installation. Who set this one up is its operator.
        </Forbidden>
      )}
    </Page>
  )
}

function Asked() {
  const { data: health } = useQuery(installationHealthQuery)
  return (
    <>
      <HealthLine />
      {health !== undefined && <Disks disks={health.disks} />}
      <StorageSection />
      {health !== undefined && (
        <>
          <QueueSection queue={health.queue} />
          <Node node={health.node} />
        </>
      )}
    </>
  )
}

const holds = {
  everything: 'Database and blocks',
  blocks: 'Blocks',
  database: 'Database',
} as const

function Disks({ disks }: Pick<InstallationHealth, 'disks'>) {
  return (
    <Section
      title={disks.length === 1 ? 'Disk' : 'Disks'}
      lead="Uploads are refused before a disk is full, so that deleting still works."
    >
      {disks.map((disk) => {
        const usedBytes = disk.totalBytes - disk.freeBytes
        return (
          <div key={disk.path} className="flex flex-col gap-2">
            <FactList>
              <Fact name={holds[disk.holds]}>
                <code className="font-mono text-xs break-all">{disk.path}</code>
              </Fact>
              <Fact name="Free">
                {formatBytes(disk.freeBytes)} of {formatBytes(disk.totalBytes)}
                <span className="text-muted">; uploads stop at {formatBytes(disk.refusesBelowBytes)}</span>
              </Fact>
            </FactList>
            <Progress label={`Used of ${disk.path}`} share={usedBytes / Math.max(1, disk.totalBytes)} />
          </div>
        )
      })}
    </Section>
  )
}

function Node({ node }: Pick<InstallationHealth, 'node'>) {
  return (
    <Section title="Node">
      <FactList>
        <Fact name="Kind">{node.kind === 'off' ? 'Off' : 'Embedded'}</Fact>
        <Fact name="Network">{node.network === 'local' ? 'Local' : 'Public'}</Fact>
        <Fact name="Peers connected">{formatNumber(node.peers)}</Fact>
        <Fact name="Reachability">{node.reachability.message}</Fact>
      </FactList>
      <p>
        <Link {...paths.node} className="text-accent underline">
          Addresses and peers of the node
        </Link>
      </p>
    </Section>
  )
}
