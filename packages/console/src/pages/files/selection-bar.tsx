import { useQuery } from '@tanstack/react-query'
import { FolderInput, PinOff, X } from 'lucide-react'
import { type File, fileCountQuery, type FileFilter } from '../../api/files.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { plural } from '../../lib/plural.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { Button } from '../../ui/button.tsx'

interface SelectionBarProps {
  readonly selection: Selection<File>
  readonly filter: FileFilter
  /** All that match, those too that were never loaded. */
  readonly isWhole: boolean
  readonly onWhole: (isWhole: boolean) => void
  /** `count`: all that match, so many; otherwise those that are chosen. */
  readonly onMove: (count: number | undefined) => void
  readonly onUnpin: (count: number | undefined) => void
}

/** How many are chosen, and what can be done with them. */
export function SelectionBar({ selection, filter, isWhole, onWhole, onMove, onUnpin }: SelectionBarProps) {
  const { data: count } = useQuery(fileCountQuery(filter))
  const chosen = selection.rows.size
  const whole = isWhole ? count : undefined
  const isCounting = isWhole && count === undefined && 'They are being counted.'
  return (
    <div
      role="group"
      aria-label="Selected files"
      className="bg-accent-soft flex flex-wrap items-center gap-2 rounded-md px-3 py-1.5"
    >
      <span role="status" className="font-medium">
        {isWhole
          ? `All ${count === undefined ? 'files' : plural(count, 'file')} that match selected`
          : `${plural(chosen, 'file')} selected`}
      </span>
      {!isWhole && count !== undefined && count > chosen && (
        <Button size="small" look="quiet" onClick={() => onWhole(true)}>
          Select all {formatNumber(count)} that match
        </Button>
      )}
      <Button size="small" className="ml-auto" disabledBecause={isCounting} onClick={() => onMove(whole)}>
        <FolderInput />
        Move to group
      </Button>
      <Button size="small" look="danger" disabledBecause={isCounting} onClick={() => onUnpin(whole)}>
        <PinOff />
        Unpin
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
