import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { type Usage, usageQuery } from '../../api/storage.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { plural } from '../../lib/plural.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'

type Counted = NonNullable<Usage['account']['counted']>

/** Bytes that the account's files take, and for operators all files together: numbers one can bill by. */
export function StorageBytes() {
  const { data, error, refetch } = useQuery(usageQuery)
  return (
    <Section
      title="Storage"
      lead="What is charged, and what it takes. Counted within this account alone: what others hold changes none of it."
      actions={<ApiCall curl={toCurl(routes.usageGet)} />}
    >
      {data !== undefined && <Shown usage={data} />}
      {data === undefined &&
        (error === null ? <Waiting /> : <ErrorPanel error={error} onRetry={() => void refetch()} />)}
    </Section>
  )
}

function Shown({ usage: { account, installation } }: { readonly usage: Usage }) {
  const { quotaBytes } = account
  return (
    <>
      <Bytes
        label="Storage of this account"
        logicalBytes={account.logicalBytes}
        counted={account.counted}
        logicalNote={`${plural(account.files, 'file')}${quotaBytes === null ? '' : `, of a quota of ${formatBytes(quotaBytes)}`}; what is charged`}
      />
      {installation !== null && (
        <>
          <h3 className="font-semibold">The whole installation</h3>
          <Bytes
            label="Storage of the installation"
            logicalBytes={installation.counted?.logicalBytes}
            counted={installation.counted}
            logicalNote="All files of all accounts"
          />
          <p className="text-muted">
            Packs take {formatBytes(installation.storedBytes)} on the disk. What is more than the distinct bytes is
            waiting to be reclaimed.
          </p>
        </>
      )}
    </>
  )
}

interface BytesProps {
  readonly label: string
  readonly logicalBytes: number | undefined
  readonly logicalNote: string
  readonly counted: Counted | null
}

function Bytes({ label, logicalBytes, logicalNote, counted }: BytesProps) {
  const rows = [
    { name: 'Logical', bytes: logicalBytes, note: logicalNote },
    { name: 'Unique', bytes: counted?.uniqueBytes, note: 'Every block once' },
    { name: 'Shared', bytes: counted?.sharedBytes, note: 'Needed by two or more of these files' },
    {
      name: 'Reclaimable',
      bytes: counted?.reclaimableBytes,
      note: 'Needed by one file alone: deleting it gives this back',
    },
  ]
  return (
    <>
      <Table
        label={label}
        head={
          <>
            <Th>Bytes</Th>
            <Th className="text-right">Size</Th>
            <Th className="text-right">Exactly</Th>
            <Th className="max-sm:hidden">What it is</Th>
          </>
        }
      >
        {rows.map(({ name, bytes, note }) => (
          <tr key={name}>
            <Td className="font-medium">
              {name}
              <span className="text-muted block font-normal sm:hidden">{note}</span>
            </Td>
            <Td className="text-right whitespace-nowrap tabular-nums">
              {bytes === undefined ? '-' : formatBytes(bytes)}
            </Td>
            <Td className="text-right tabular-nums">{bytes === undefined ? '-' : formatNumber(bytes)}</Td>
            <Td className="min-w-44 max-sm:hidden">{note}</Td>
          </tr>
        ))}
      </Table>
      <p className="text-muted">{ageOf(counted)}</p>
    </>
  )
}

function ageOf(counted: Counted | null): string {
  if (counted === null) return 'All but the first are being counted for the first time.'
  if (counted.isExact) return 'So it is now.'
  return `All but the first are of ${formatDayAndTime(counted.countedAt)}: files came or went since, and they are counted again.`
}
