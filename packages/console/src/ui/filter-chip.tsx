import { X } from 'lucide-react'
import type { ReactNode } from 'react'

interface FilterChipProps {
  /** The filter in words, for those who hear what the button takes off. */
  readonly name: string
  /** The same to look at, where more than the words is to be seen. */
  readonly children?: ReactNode
  /** Opens what changes it. */
  readonly onChange?: () => void
  readonly onRemove: () => void
}

/** A filter that is in force: it can be changed, where that is offered, and taken off. */
export function FilterChip({ name, children, onChange, onRemove }: FilterChipProps) {
  const shown = children ?? (
    <span dir="auto" className="truncate">
      {name}
    </span>
  )
  return (
    <span className="bg-accent-soft text-accent flex max-w-full items-center gap-1 rounded-full py-0.5 pr-1 pl-3">
      {onChange === undefined ? (
        shown
      ) : (
        <button type="button" aria-label={`Change ${name}`} className="flex min-w-0 hover:underline" onClick={onChange}>
          {shown}
        </button>
      )}
      <button
        type="button"
        aria-label={`Remove ${name}`}
        className="hover:bg-surface rounded-full p-0.5 [&_svg]:size-3.5"
        onClick={onRemove}
      >
        <X />
      </button>
    </span>
  )
}
