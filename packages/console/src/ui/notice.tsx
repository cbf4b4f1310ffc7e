import type { ReactNode } from 'react'
import { classNames } from '../lib/class-names.ts'

const tones = {
  plain: 'border-line bg-sunken',
  ok: 'border-ok/40 bg-ok-soft',
  warn: 'border-warn/40 bg-warn-soft',
  danger: 'border-danger/40 bg-danger-soft',
} as const

interface NoticeProps {
  readonly tone?: keyof typeof tones
  /** Read out at once when it appears: for what went wrong. */
  readonly isUrgent?: boolean
  readonly children: ReactNode
}

/** Something to know, in its place on the page. */
export function Notice({ tone = 'plain', isUrgent = false, children }: NoticeProps) {
  return (
    <div
      {...(isUrgent ? { role: 'alert' } : {})}
      className={classNames('flex flex-col gap-2 rounded-md border px-4 py-3', tones[tone])}
    >
      {children}
    </div>
  )
}
