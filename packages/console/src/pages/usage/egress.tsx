import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { usageQuery } from '../../api/storage.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { ApiCall } from '../../ui/api-call.tsx'
import { Section } from '../../ui/page.tsx'

/** Bytes that the gateway served for the account this month, and how many it may. What is above says why there are none. */
export function Egress() {
  const { data } = useQuery(usageQuery)
  if (data === undefined) return null
  const { usedBytes, quotaBytes, month, resetsAt } = data.account.egress
  return (
    <Section
      title="Served this month"
      lead="Bytes that the gateway sent for this account: by its gateways, of its public files elsewhere, and by links."
      actions={<ApiCall curl={toCurl(routes.usageGet)} />}
    >
      <p>
        <strong className="tabular-nums">{formatBytes(usedBytes)}</strong> ({formatNumber(usedBytes)} bytes) in {month}
        {quotaBytes === null ? ', no limit' : `, of a quota of ${formatBytes(quotaBytes)}`}. Counted from nothing on{' '}
        {formatDayAndTime(resetsAt)}.
      </p>
      {quotaBytes !== null && usedBytes >= quotaBytes && (
        <p className="text-danger">
          The quota is reached: readers are refused until then, or until the operator raises it.
        </p>
      )}
    </Section>
  )
}
