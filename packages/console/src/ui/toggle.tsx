import { Check, Minus } from 'lucide-react'
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from 'radix-ui'
import type { ReactNode } from 'react'
import { classNames } from '../lib/class-names.ts'
import { useFieldParts } from './field.tsx'

interface SwitchProps {
  readonly checked: boolean
  readonly onChange: (checked: boolean) => void
  readonly 'aria-label'?: string
  readonly 'aria-labelledby'?: string
  readonly 'aria-describedby'?: string
  readonly disabled?: boolean
  readonly id?: string
}

/** On or off, at once. */
export function Switch({ onChange, ...rest }: SwitchProps) {
  return (
    <RadixSwitch.Root
      {...useFieldParts()}
      {...rest}
      onCheckedChange={onChange}
      className="border-edge data-[state=checked]:bg-accent data-[state=checked]:border-accent bg-sunken relative inline-flex h-5 w-9 shrink-0 items-center rounded-full border transition-colors disabled:cursor-not-allowed disabled:opacity-50"
    >
      <RadixSwitch.Thumb className="bg-edge data-[state=checked]:bg-on-accent block size-3.5 translate-x-0.5 rounded-full transition-transform data-[state=checked]:translate-x-[18px]" />
    </RadixSwitch.Root>
  )
}

interface CheckboxProps {
  readonly checked: boolean | 'some'
  readonly onChange: (checked: boolean) => void
  readonly 'aria-label'?: string
  readonly 'aria-labelledby'?: string
  readonly disabled?: boolean
  readonly id?: string
}

/** Checked, not checked, or some of what stands below it. */
export function Checkbox({ checked, onChange, ...rest }: CheckboxProps) {
  return (
    <RadixCheckbox.Root
      {...useFieldParts()}
      {...rest}
      checked={checked === 'some' ? 'indeterminate' : checked}
      onCheckedChange={(now) => onChange(now === true)}
      className={classNames(
        'border-edge bg-surface inline-flex size-4 shrink-0 items-center justify-center rounded border',
        'data-[state=checked]:bg-accent data-[state=checked]:border-accent data-[state=indeterminate]:bg-accent data-[state=indeterminate]:border-accent',
        'disabled:cursor-not-allowed disabled:opacity-50',
      )}
    >
      <RadixCheckbox.Indicator className="text-on-accent [&_svg]:size-3">
        {checked === 'some' ? <Minus strokeWidth={3} /> : <Check strokeWidth={3} />}
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  )
}

/** A checkbox with its words, all of it to be clicked. */
export function LabelledCheckbox({
  label,
  ...rest
}: CheckboxProps & { readonly label: ReactNode; readonly id: string }) {
  return (
    <span className="inline-flex items-center gap-2">
      <Checkbox {...rest} />
      <label htmlFor={rest.id}>{label}</label>
    </span>
  )
}
