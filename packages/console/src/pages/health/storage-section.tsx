import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { type StorageHealth, storageHealthQuery } from '../../api/storage.ts'
import { StartScrub } from '../../forms/start-scrub.tsx'
import { formatNumber } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { plural } from '../../lib/plural.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Mono } from '../../ui/code.tsx'
import { Fact, FactList } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'

/** How what is stored fares: what is damaged, whose it is, and how far everything was read back. */
export function StorageSection() {
  const { data, error, refetch } = useQuery(storageHealthQuery)
  return (
    <Section
      title="Storage"
      lead="Everything that is stored is read back and held against its hashes, again and again. What is damaged is never served."
      actions={<ApiCall curl={toCurl(routes.storageHealth)} />}
    >
      {data !== undefined && <Shown health={data} />}
      {data === undefined &&
        (error === null ? <Waiting /> : <ErrorPanel error={error} onRetry={() => void refetch()} />)}
    </Section>
  )
}

function Shown({ health }: { readonly health: StorageHealth }) {
  const { scrub, damagedBlocks, damaged, repaired } = health
  return (
    <>
      <div role="status" aria-label="Storage health">
        <Notice tone={damagedBlocks === 0 ? 'ok' : 'danger'}>
          <p>
            {damagedBlocks === 0
              ? 'No block is known to be damaged.'
              : `${plural(damagedBlocks, 'block')} ${damagedBlocks === 1 ? 'is' : 'are'} damaged. Bytes that go bad point to the disk.`}
          </p>
        </Notice>
      </div>
      {health.notWritable.map(({ part, reason, since, message }) => (
        <Notice key={part} tone="danger">
          <p>
            {part === 'blocks' ? 'Uploads are refused' : 'Changes are refused'}:{' '}
            {reason === 'full' ? 'the disk is full' : 'the disk cannot be written'} since {formatDayAndTime(since)}.{' '}
            {message}
          </p>
        </Notice>
      ))}
      {scrub.packsLate > 0 && (
        <Notice tone="warn">
          <p>
            {plural(scrub.packsLate, 'pack')} {scrub.packsLate === 1 ? 'is' : 'are'} not read back in time. Give reading
            more of the time (PINYON_SCRUB_SHARE) or a longer period (PINYON_SCRUB_DAYS).
          </p>
        </Notice>
      )}
      <FactList>
        <Fact name="Read back">
          {scrub.periodDays === null
            ? 'Only when asked (PINYON_SCRUB_DAYS is 0)'
            : `Within ${plural(scrub.periodDays, 'day')}, with ${Math.round(scrub.share * 100)} % of the time`}
        </Fact>
        <Fact name="Verified since">
          {scrub.verifiedSince === null ? 'Nothing is stored yet' : formatDayAndTime(scrub.verifiedSince)}
        </Fact>
        <Fact name="Packs">
          {formatNumber(scrub.packs)}
          <span className="text-muted">
            {scrub.packsBeingRead + scrub.packsWaiting > 0 &&
              `, ${formatNumber(scrub.packsBeingRead)} being read, ${formatNumber(scrub.packsWaiting)} waiting`}
          </span>
        </Fact>
        {repaired.length > 0 && <Fact name="Repaired lately">{plural(repaired.length, 'block')}</Fact>}
      </FactList>
      {damaged.length > 0 && <DamageTable damaged={damaged} />}
      <StartScrub />
    </>
  )
}

function DamageTable({ damaged }: Pick<StorageHealth, 'damaged'>) {
  return (
    <Table
      label="Damaged blocks"
      head={
        <>
          <Th>CID</Th>
          <Th>Found</Th>
          <Th>Whose</Th>
          <Th>Another copy</Th>
        </>
      }
    >
      {damaged.map(({ cid, reason, foundAt, owners, attempts, outcome }) => (
        <tr key={cid}>
          <Td className="min-w-44 [overflow-wrap:anywhere]">
            <Mono>{cid}</Mono>
          </Td>
          <Td className="min-w-32">
            {formatDayAndTime(foundAt)}
            <span className="text-muted block">{reason === 'missing' ? 'missing' : 'wrong bytes'}</span>
          </Td>
          <Td className="min-w-44">
            {owners.map(({ accountId, files }) => (
              <span key={accountId} className="block [overflow-wrap:anywhere]">
                Account <Mono>{accountId}</Mono>, {plural(files.length, 'file')}
              </span>
            ))}
          </Td>
          <Td className="min-w-44">{outcome ?? (attempts === 0 ? 'Looked for soon' : 'Looked for')}</Td>
        </tr>
      ))}
    </Table>
  )
}
