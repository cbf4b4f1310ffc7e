import { useQuery } from '@tanstack/react-query'
import { PinOff, RotateCw, X } from 'lucide-react'
import { countPins, type Pin, type PinFilter, pinMatchesQuery, type PinStatus } from '../../api/pins.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { plural } from '../../lib/plural.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { Button } from '../../ui/button.tsx'

/** How many of each status. */
export type PinTally = Readonly<Record<PinStatus, number>>

interface PinSelectionProps {
  readonly selection: Selection<Pin>
  readonly filter: PinFilter
  /** All that match, those too that were never loaded. */
  readonly isWhole: boolean
  readonly onWhole: (isWhole: boolean) => void
  /** `whole`: all that match, so many; otherwise those that are chosen. */
  readonly onRemove: (whole: PinTally | undefined) => void
  readonly onRetry: (whole: PinTally | undefined) => void
}

/** How many are chosen, and what can be done with them. */
export function PinSelection({ selection, filter, isWhole, onWhole, onRemove, onRetry }: PinSelectionProps) {
  const { data: matches } = useQuery(pinMatchesQuery(filter))
  const count = matches && sum(matches)
  const chosen = selection.rows.size
  const whole = isWhole ? matches : undefined
  const isCounting = isWhole && matches === undefined && 'They are being counted.'
  const tally = whole ?? countPins(selection.rows.values())
  const isAllHere =
    tally.pinned === sum(tally) && (sum(tally) === 1 ? 'It is pinned already.' : 'All are pinned already.')
  return (
    <div
      role="group"
      aria-label="Selected pins"
      className="bg-accent-soft flex flex-wrap items-center gap-2 rounded-md px-3 py-1.5"
    >
      <span role="status" className="font-medium">
        {isWhole
          ? `All ${count === undefined ? 'pins' : plural(count, 'pin')} that match selected`
          : `${plural(chosen, 'pin')} selected`}
      </span>
      {!isWhole && count !== undefined && count > chosen && (
        <Button size="small" look="quiet" onClick={() => onWhole(true)}>
          Select all {formatNumber(count)} that match
        </Button>
      )}
      <Button size="small" className="ml-auto" disabledBecause={isCounting || isAllHere} onClick={() => onRetry(whole)}>
        <RotateCw />
        Retry
      </Button>
      <Button size="small" look="danger" disabledBecause={isCounting} onClick={() => onRemove(whole)}>
        <PinOff />
        Remove
      </Button>
      <Button
        size="small"
        onClick={() => {
          onWhole(false)
          selection.clear()
        }}
      >
        <X />
        Clear selection
      </Button>
    </div>
  )
}

function sum({ queued, pinning, pinned, failed }: PinTally): number {
  return queued + pinning + pinned + failed
}
