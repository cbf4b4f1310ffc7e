import { FolderInput, PinOff, X } from 'lucide-react'
import type { File } from '../../api/files.ts'
import { plural } from '../../lib/plural.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { Button } from '../../ui/button.tsx'

interface SelectionBarProps {
  readonly selection: Selection<File>
  readonly onMove: () => void
  readonly onUnpin: () => void
}

/** How many are chosen, and what can be done with them. */
export function SelectionBar({ selection, onMove, onUnpin }: SelectionBarProps) {
  return (
    <div
      role="group"
      aria-label="Selected files"
      className="bg-accent-soft flex flex-wrap items-center gap-2 rounded-md px-3 py-1.5"
    >
      <span role="status" className="font-medium">
        {plural(selection.rows.size, 'file')} selected
      </span>
      <Button size="small" className="ml-auto" onClick={onMove}>
        <FolderInput />
        Move to group
      </Button>
      <Button size="small" look="danger" onClick={onUnpin}>
        <PinOff />
        Unpin
      </Button>
      <Button size="small" onClick={selection.clear}>
        <X />
        Clear selection
      </Button>
    </div>
  )
}
