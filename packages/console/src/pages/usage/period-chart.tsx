import type { Period } from '../../api/usage.ts'
import { classNames } from '../../lib/class-names.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatUtcDay } from '../../lib/format-time.ts'

interface PeriodChartProps {
  readonly periods: readonly Period[]
  readonly show: 'requests' | 'bandwidth'
}

const height = 160
const width = 1_000

/** Bars, one for each day or week. What it shows stands in the table below it too. */
export function PeriodChart({ periods, show }: PeriodChartProps) {
  const most = Math.max(1, ...periods.map((period) => period[show]))
  const step = width / Math.max(1, periods.length)
  const words = show === 'requests' ? formatNumber : formatBytes
  const [first, last] = [periods.at(0), periods.at(-1)].map((each) => each && formatUtcDay(each.period_start_time))
  return (
    <figure className="border-line bg-surface flex flex-col gap-2 rounded-lg border p-4">
      <figcaption className="text-table text-muted">
        {maximum(periods, show) === 0
          ? 'Nothing was asked for in this time. What is read at the gateway shows here within seconds.'
          : `${show === 'requests' ? 'Requests' : 'Bandwidth'}, at most ${words(most)}`}
      </figcaption>
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        className={classNames('text-accent w-full', maximum(periods, show) === 0 ? 'h-16' : 'h-40')}
        role="img"
        aria-label={`${show === 'requests' ? 'Requests' : 'Bandwidth'} from ${first} to ${last}`}
      >
        {periods.map((period, i) => {
          const size = (period[show] / most) * (height - 2)
          return (
            <rect
              key={period.period_start_time}
              x={i * step + step * 0.1}
              width={step * 0.8}
              y={height - Math.max(size, 1)}
              height={Math.max(size, 1)}
              fill="currentColor"
              opacity={period[show] === 0 ? 0.25 : 1}
            >
              <title>{`${formatUtcDay(period.period_start_time)}: ${words(period[show])}`}</title>
            </rect>
          )
        })}
      </svg>
      <div className="text-table text-muted tabular flex justify-between" aria-hidden>
        <span>{first}</span>
        <span>{last}</span>
      </div>
    </figure>
  )
}

function maximum(periods: readonly Period[], show: PeriodChartProps['show']): number {
  return Math.max(0, ...periods.map((period) => period[show]))
}
