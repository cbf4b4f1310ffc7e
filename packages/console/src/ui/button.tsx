import { Slot } from 'radix-ui'
import type { ComponentProps } from 'react'
import { classNames } from '../lib/class-names.ts'

const looks = {
  primary: 'bg-accent text-on-accent hover:bg-accent-strong border-transparent',
  secondary: 'bg-surface text-ink border-edge/50 hover:bg-sunken',
  quiet: 'border-transparent text-ink hover:bg-sunken',
  danger: 'bg-surface text-danger border-danger/60 hover:bg-danger-soft',
} as const

interface ButtonProps extends Omit<ComponentProps<'button'>, 'disabled'> {
  readonly look?: keyof typeof looks
  readonly size?: 'small' | 'usual' | 'icon'
  /** Something is under way: not to be pressed again, and said to screen readers. */
  readonly isBusy?: boolean
  /** Why it cannot be pressed now; the button stays where it is and says so. */
  readonly disabledBecause?: string | false | undefined
  /** The child is what is drawn: a link that looks like a button. */
  readonly asChild?: boolean
}

/** A button. One that cannot be pressed stays reachable and says why. */
export function Button({
  look = 'secondary',
  size = 'usual',
  isBusy = false,
  disabledBecause,
  asChild = false,
  className,
  onClick,
  type = 'button',
  title,
  ...rest
}: ButtonProps) {
  const Component = asChild ? Slot.Root : 'button'
  const isOff = isBusy || typeof disabledBecause === 'string'
  return (
    <Component
      {...rest}
      {...(asChild ? {} : { type })}
      aria-busy={isBusy || undefined}
      aria-disabled={isOff || undefined}
      title={typeof disabledBecause === 'string' ? disabledBecause : title}
      onClick={(event: React.MouseEvent<HTMLButtonElement>) => {
        if (isOff) event.preventDefault()
        else onClick?.(event)
      }}
      className={classNames(
        'inline-flex items-center justify-center gap-2 rounded-md border font-medium whitespace-nowrap transition-colors',
        'aria-disabled:cursor-not-allowed aria-disabled:opacity-60 [&_svg]:size-4 [&_svg]:shrink-0',
        size === 'usual' && 'h-9 px-4',
        size === 'small' && 'text-table h-7 px-2.5',
        size === 'icon' && 'size-8',
        looks[look],
        className,
      )}
    />
  )
}
