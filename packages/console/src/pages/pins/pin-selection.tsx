import { PinOff, X } from 'lucide-react'
import type { Pin } from '../../api/pins.ts'
import { plural } from '../../lib/plural.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { Button } from '../../ui/button.tsx'

interface PinSelectionProps {
  readonly selection: Selection<Pin>
  readonly onRemove: () => void
}

/** How many are chosen, and what can be done with them. */
export function PinSelection({ selection, onRemove }: PinSelectionProps) {
  return (
    <div
      role="group"
      aria-label="Selected pins"
      className="bg-accent-soft flex flex-wrap items-center gap-2 rounded-md px-3 py-1.5"
    >
      <span role="status" className="font-medium">
        {plural(selection.rows.size, 'pin')} selected
      </span>
      <Button size="small" look="danger" className="ml-auto" onClick={onRemove}>
        <PinOff />
        Remove
      </Button>
      <Button size="small" onClick={selection.clear}>
        <X />
        Clear selection
      </Button>
    </div>
  )
}
