import type { ReactNode } from 'react'
import { Button } from './button.tsx'

interface ChipProps {
  readonly label: string
  readonly title?: string
  readonly isOn: boolean
  readonly onToggle: (on: boolean) => void
  /** Beside the words: how many there are. */
  readonly children?: ReactNode
}

/** One thing that a list is narrowed by, on or off. */
export function Chip({ label, title, isOn, onToggle, children }: ChipProps) {
  return (
    <Button
      size="small"
      aria-pressed={isOn}
      title={title}
      onClick={() => onToggle(!isOn)}
      className="aria-pressed:bg-accent-soft aria-pressed:border-accent aria-pressed:text-accent rounded-full!"
    >
      <span className="inline-block first-letter:uppercase">{label}</span>
      {children}
    </Button>
  )
}
