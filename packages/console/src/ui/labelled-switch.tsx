import { type ReactNode, useId } from 'react'
import { Switch } from './toggle.tsx'

interface LabelledSwitchProps {
  readonly label: string
  /** What being on means. */
  readonly hint: ReactNode
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  /** Why it cannot be changed. */
  readonly disabledBecause?: string | false
}

/** A switch with its words and what it means. */
export function LabelledSwitch({ label, hint, checked, onChange, disabledBecause }: LabelledSwitchProps) {
  const id = useId()
  const isOff = typeof disabledBecause === 'string'
  return (
    <div className="flex items-start gap-3">
      <Switch id={id} checked={checked} onChange={onChange} disabled={isOff} aria-describedby={`${id}-hint`} />
      <div>
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <div id={`${id}-hint`} className="text-table text-muted">
          <p>{hint}</p>
          {isOff && <p>{disabledBecause}</p>}
        </div>
      </div>
    </div>
  )
}
