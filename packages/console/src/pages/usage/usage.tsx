import { useWhoami } from '../../api/session.ts'
import { Empty } from '../../ui/empty.tsx'
import { Code } from '../../ui/code.tsx'
import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import { readUsageSearch, seriesAsked, seriesQuery, topQuery } from '../../api/usage.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatUtcDay } from '../../lib/format-time.ts'
import { paths, type UsageSearch } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Segments } from '../../ui/choice.tsx'
import { Figure, Figures } from '../../ui/facts.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { Late } from '../../ui/late.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Egress } from './egress.tsx'
import { PeriodChart } from './period-chart.tsx'
import { SaveCsv } from '../../ui/save-csv.tsx'
import { StorageBytes } from './storage-bytes.tsx'

const route = getRouteApi('/signed-in/usage')

/** What the gateway served of the account's public files. */
export function UsagePage() {
  // The router hands on what the route's own reading left out.
  const search = route.useSearch({ select: (asked) => readUsageSearch({ ...asked }) })
  const navigate = useNavigate()
  const change = (more: UsageSearch) => void navigate({ ...paths.usageBy({ ...search, ...more }), replace: true })
  const { span = 'month', by = 'day', show = 'requests' } = search
  return (
    <Page
      title="Usage"
      lead="What the gateway was asked for of your public files. Days are those of UTC; the newest requests are counted within seconds."
      actions={<ApiCall curl={toCurl(routes.analyticsTimeSeries, { query: seriesAsked(search) })} />}
    >
      <div className="flex flex-wrap items-end gap-4 print:hidden">
        <Field label="Time">
          <Select value={span} onChange={({ target }) => change(readUsageSearch({ ...search, span: target.value }))}>
            <option value="week">7 days</option>
            <option value="month">30 days</option>
            <option value="quarter">13 weeks</option>
            <option value="year">A year</option>
          </Select>
        </Field>
        <Segments
          label="Add up by"
          value={by}
          options={[
            { value: 'day', label: 'Day' },
            { value: 'week', label: 'Week' },
            { value: 'month', label: 'Month' },
          ]}
          onChange={(value) => change({ by: value })}
        />
        <Segments
          label="Show"
          value={show}
          options={[
            { value: 'requests', label: 'Requests' },
            { value: 'bandwidth', label: 'Bandwidth' },
          ]}
          onChange={(value) => change({ show: value })}
        />
      </div>
      <Series search={search} />
      <Section title="Asked for most">
        <Top search={search} onChange={change} />
      </Section>
      <Egress />
      <StorageBytes />
    </Page>
  )
}

const headOf = { day: 'Day', week: 'Week from', month: 'Month from' } as const

function Series({ search }: { readonly search: UsageSearch }) {
  const { data, error, refetch } = useQuery(seriesQuery(search))
  if (data === undefined) return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  const { total_requests: requests, total_bandwidth: bandwidth, time_periods: periods } = data
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Figures>
        <Figure name="Requests">{formatNumber(requests)}</Figure>
        <Figure name="Bandwidth" detail={bandwidth < 1_024 ? undefined : `${formatNumber(bandwidth)} bytes`}>
          {formatBytes(bandwidth)}
        </Figure>
      </Figures>
      <PeriodChart periods={periods} show={search.show ?? 'requests'} />
      <details className="print-open">
        <summary className="text-accent cursor-pointer">The same as a table</summary>
        <div className="mt-3 flex flex-col gap-3">
          <SaveCsv
            name={`usage-by-${search.by ?? 'day'}.csv`}
            rows={[
              ['begins', 'requests', 'bandwidth_bytes'],
              ...periods.map((each) => [each.period_start_time, each.requests, each.bandwidth]),
            ]}
          />
          <Table
            label="Requests and bandwidth"
            head={
              <>
                <Th>{headOf[search.by ?? 'day']}</Th>
                <Th className="text-right">Requests</Th>
                <Th className="text-right">Bandwidth</Th>
              </>
            }
          >
            {periods.map(({ period_start_time: start, ...each }) => (
              <tr key={start}>
                <Td className="tabular">
                  <time dateTime={start}>{formatUtcDay(start)}</time>
                </Td>
                <Td className="tabular text-right">{formatNumber(each.requests)}</Td>
                <Td className="tabular text-right">{formatBytes(each.bandwidth)}</Td>
              </tr>
            ))}
          </Table>
        </div>
      </details>
    </>
  )
}

const dimensions = [
  { value: 'file_name', label: 'File' },
  { value: 'cid', label: 'CID' },
  { value: 'referer', label: 'Page it was asked from' },
  { value: 'user_agent', label: 'Browser or program' },
] as const

interface TopProps {
  readonly search: UsageSearch
  readonly onChange: (more: UsageSearch) => void
}

function Top({ search, onChange }: TopProps) {
  const { data, error, refetch } = useQuery(topQuery(search))
  const { urls } = useWhoami()
  const { top = 'file_name' } = search
  return (
    <>
      <div className="flex flex-wrap items-end justify-between gap-3">
        <Field label="By" className="w-full max-w-xs">
          <Select
            value={top}
            onChange={({ target }) => {
              const { top: _before, ...rest } = search
              onChange({ ...rest, top: readUsageSearch({ top: target.value }).top })
            }}
          >
            {dimensions.map(({ value, label }) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </Select>
        </Field>
        {data !== undefined && data.length > 0 && (
          <SaveCsv
            name={`usage-by-${top}.csv`}
            rows={[
              [top, 'requests', 'bandwidth_bytes'],
              ...data.map((row) => [row.value, row.requests, row.bandwidth]),
            ]}
          />
        )}
      </div>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Late />}
      {data !== undefined && data.length === 0 && (
        <Empty title="Nothing was asked for in this time">
          <p>What the gateway serves of yours is counted here within a minute:</p>
          <Code label="command" text={`curl -L ${urls.gateway}/ipfs/bafy…`} />
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <>
          <Table
            label="Asked for most"
            head={
              <>
                <Th>{dimensions.find(({ value }) => value === top)?.label}</Th>
                <Th className="text-right">Requests</Th>
                <Th className="text-right">Bandwidth</Th>
              </>
            }
          >
            {data.map(({ value, requests, bandwidth }) => (
              <tr key={value}>
                <Td className="max-w-md min-w-48 break-words">
                  {value === '' ? <span className="text-muted">not known</span> : <bdi>{value}</bdi>}
                </Td>
                <Td className="tabular text-right">{formatNumber(requests)}</Td>
                <Td className="tabular text-right">{formatBytes(bandwidth)}</Td>
              </tr>
            ))}
          </Table>
        </>
      )}
    </>
  )
}
