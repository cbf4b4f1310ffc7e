import { type ReactNode, useId } from 'react'
import { classNames } from '../lib/class-names.ts'

interface Option<T extends string> {
  readonly value: T
  readonly label: string
  /** What choosing it means, in words. */
  readonly hint?: ReactNode
  /** Why it cannot be chosen now. */
  readonly disabledBecause?: string | false | undefined
}

interface ChoiceProps<T extends string> {
  readonly label: string
  readonly value: T
  readonly options: readonly Option<T>[]
  readonly onChange: (value: T) => void
  readonly isLabelHidden?: boolean
  /** Why nothing else can be chosen now; said below the label. */
  readonly disabledBecause?: string | false | undefined
}

/** One of a few, all of them in sight with what they mean. */
export function Choice<T extends string>({
  label,
  value,
  options,
  onChange,
  isLabelHidden = false,
  disabledBecause,
}: ChoiceProps<T>) {
  const name = useId()
  const isAllOff = typeof disabledBecause === 'string'
  return (
    <fieldset
      disabled={isAllOff}
      aria-describedby={isAllOff ? `${name}-reason` : undefined}
      className="group flex min-w-0 flex-col gap-2"
    >
      <legend className={isLabelHidden ? 'sr-only' : 'mb-1 font-medium'}>{label}</legend>
      {isAllOff && (
        <p id={`${name}-reason`} className="text-table text-muted">
          {disabledBecause}
        </p>
      )}
      {options.map((option) => (
        <label
          key={option.value}
          className={classNames(
            'flex gap-3 rounded-md border p-3 group-disabled:cursor-not-allowed',
            isOff(option) ? 'text-muted cursor-not-allowed' : 'cursor-pointer',
            option.value === value ? 'border-accent bg-accent-soft' : 'border-line bg-surface hover:border-edge',
          )}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            disabled={isOff(option)}
            onChange={() => onChange(option.value)}
            className="accent-accent mt-0.5 size-4 shrink-0"
          />
          <span>
            <span className="font-medium">{option.label}</span>
            {option.hint !== undefined && <span className="text-table text-muted block">{option.hint}</span>}
            {isOff(option) && <span className="text-table text-warn block">{option.disabledBecause}</span>}
          </span>
        </label>
      ))}
    </fieldset>
  )
}

function isOff({ disabledBecause }: Option<string>): boolean {
  return typeof disabledBecause === 'string'
}

/** One of a few short ones, side by side. */
export function Segments<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  const name = useId()
  return (
    <fieldset className="bg-sunken border-line inline-flex w-fit rounded-md border p-0.5">
      <legend className="sr-only">{label}</legend>
      {options.map((option) => (
        <label
          key={option.value}
          className={classNames(
            'has-focus-visible:outline-accent cursor-pointer rounded px-3 py-1 has-focus-visible:outline-2',
            option.value === value ? 'bg-surface text-ink font-medium shadow-sm' : 'text-muted hover:text-ink',
          )}
        >
          <input
            type="radio"
            name={name}
            value={option.value}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
            className="sr-only"
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  )
}
