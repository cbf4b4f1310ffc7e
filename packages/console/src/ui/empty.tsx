import type { ReactNode } from 'react'

interface EmptyProps {
  readonly title: string
  /** What would stand here, and how it comes here. */
  readonly children: ReactNode
  readonly action?: ReactNode
}

/** A page or list with nothing in it: what it is for, and the first thing to do. */
export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className="border-line flex flex-col items-start gap-3 rounded-lg border border-dashed p-6">
      <h2 className="text-lg font-semibold">{title}</h2>
      <div className="text-muted flex w-full max-w-prose flex-col gap-2">{children}</div>
      {action}
    </div>
  )
}
