import type { ReactNode } from 'react'
import { classNames } from '../lib/class-names.ts'

const tones = {
  plain: 'bg-sunken text-muted',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
  accent: 'bg-accent-soft text-accent',
} as const

/** How a state is coloured. */
export type Tone = keyof typeof tones

/** A state in a word or two. */
export function Badge({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return (
    <span
      className={classNames(
        'inline-block rounded px-1.5 py-0.5 text-xs font-medium whitespace-nowrap first-letter:uppercase',
        tones[tone],
      )}
    >
      {children}
    </span>
  )
}
