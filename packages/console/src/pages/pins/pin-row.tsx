import { memo } from 'react'
import { statusWords, titleOf } from '../../api/pin-words.ts'
import type { Pin } from '../../api/pins.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { formatAgo, formatDayAndTime, formatPast } from '../../lib/format-time.ts'
import { plural } from '../../lib/plural.ts'
import { shorten } from '../../lib/shorten.ts'
import { pinHref } from '../../paths.ts'
import { type GridRowProps, RowFrame } from '../../shell/row-grid.tsx'
import { copyButton, menuButton, nameLink, selectCell } from '../../shell/row-parts.tsx'
import { Badge } from '../../ui/badge.tsx'
import { happeningOf } from './happening-of.ts'
import { type PinDeed, PinMenu } from './pin-menu.tsx'

/** Columns on wide screens; narrow ones keep the name with all that is said of it below, and the menu. */
export const columns =
  'grid grid-cols-[2.25rem_minmax(0,1fr)_2.5rem] md:grid-cols-[2.25rem_minmax(0,1fr)_5.5rem_minmax(0,1.3fr)_6rem_8.5rem_2.5rem] items-center px-1'

interface PinRowProps extends GridRowProps<Pin> {
  readonly onDeed: (deed: PinDeed, pin: Pin) => void
}

/** One pin of the list. */
export const PinRow = memo(function PinRow({ onDeed, ...at }: PinRowProps) {
  return (
    <RowFrame {...at} columns={columns}>
      {at.row !== undefined && <Cells {...at} pin={at.row} onDeed={onDeed} />}
    </RowFrame>
  )
})

function Cells({ index, pin, isChosen, isMenuOpen, now, onMenu, onDeed }: PinRowProps & { readonly pin: Pin }) {
  const name = titleOf(pin)
  const { label, tone } = statusWords[pin.status]
  const soFar = soFarOf(pin)
  const next = nextAttemptOf(pin, now)
  const happening = happeningOf(pin)
  return (
    <>
      {selectCell(index, name, isChosen)}
      <div role="cell" className="min-w-0 pr-3">
        {nameLink(index, name, pinHref(pin.id))}
        <span className="flex items-center gap-1 leading-5">
          <code className="text-muted font-mono text-xs" title={pin.cid}>
            {shorten(pin.cid, { head: 9, tail: 5 })}
          </code>
          {copyButton(index, name, true)}
        </span>
        <span className="tabular flex items-center gap-2 text-xs whitespace-nowrap md:hidden">
          <Badge tone={tone}>{label}</Badge>
          <span className="text-muted truncate">{[...soFar, next].filter(Boolean).join(' · ')}</span>
        </span>
        <span dir="auto" className="text-muted block truncate text-xs md:hidden">
          {happening}
        </span>
      </div>
      <div role="cell" className="hidden md:block">
        <Badge tone={tone}>{label}</Badge>
      </div>
      <div role="cell" className="hidden pr-4 md:block">
        <span dir="auto" title={happening} className="line-clamp-2 leading-5 wrap-anywhere">
          {happening}
        </span>
      </div>
      <div role="cell" className="tabular text-muted hidden min-w-0 pr-3 leading-5 md:block">
        {soFar.map((words) => (
          <span key={words} className="block truncate">
            {words}
          </span>
        ))}
      </div>
      <div role="cell" className="text-muted hidden min-w-0 leading-5 md:block" title={formatDayAndTime(pin.createdAt)}>
        <time dateTime={pin.createdAt} className="block truncate">
          {formatPast(pin.createdAt, now)}
        </time>
        {next !== undefined && <span className="block truncate text-xs">{next}</span>}
      </div>
      <div role="cell" className="flex justify-end">
        {isMenuOpen ? <PinMenu pin={pin} onClose={() => onMenu(undefined)} onDeed={onDeed} /> : menuButton(index, name)}
      </div>
    </>
  )
}

/** What is here of it. */
function soFarOf({ status, sizeBytes, progress }: Pin): readonly string[] {
  if (status === 'pinned') return sizeBytes === null ? [] : [formatBytes(sizeBytes)]
  return progress.blocks === 0 ? [] : [plural(progress.blocks, 'block'), formatBytes(progress.bytes)]
}

/** When it is tried next; undefined while it is being tried, or never again. */
function nextAttemptOf({ status, nextAttemptAt }: Pin, now: number): string | undefined {
  if (status === 'pinned' || status === 'failed' || nextAttemptAt === null) return undefined
  return Date.parse(nextAttemptAt) <= now ? 'next try any moment' : `next try ${formatAgo(nextAttemptAt, now)}`
}
