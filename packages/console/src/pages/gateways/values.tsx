import type { ReactNode } from 'react'

interface ValuesProps {
  /** What is said where there are none. */
  readonly none: string
  readonly children: readonly ReactNode[]
}

/** A list of what belongs to a gateway. */
export function Values({ none, children }: ValuesProps) {
  if (children.length === 0) return <p className="text-muted">{none}</p>
  return <ul className="border-line divide-line bg-surface divide-y rounded-lg border">{children}</ul>
}
