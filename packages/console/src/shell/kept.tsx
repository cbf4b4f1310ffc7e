import type { ReactNode } from 'react'
import { ErrorPanel } from './error-panel.tsx'

interface KeptProps {
  /** Why it could not be asked for anew; null: it could. */
  readonly error: unknown
  readonly onRetry: () => void
  readonly children: ReactNode
}

/** What an earlier answer said, which stays in sight; above it what went wrong when it was asked for anew. */
export function Kept({ error, onRetry, children }: KeptProps) {
  return (
    <div className="flex flex-col gap-4">
      {error !== null && <ErrorPanel error={error} onRetry={onRetry} />}
      {children}
    </div>
  )
}
