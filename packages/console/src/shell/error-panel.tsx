import { explain } from '../api/explain.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'

interface ErrorPanelProps {
  readonly error: unknown
  /** Asks again; offered where that may help. */
  readonly onRetry?: () => void
}

/** What went wrong, in the server's words, with its code and the way on. */
export function ErrorPanel({ error, onRetry }: ErrorPanelProps) {
  const { title, message, code, requestId, canRetry } = explain(error)
  return (
    <Notice tone="danger" isUrgent>
      <p className="font-medium">{title}</p>
      <p className="break-words">{message}</p>
      {code !== undefined && (
        <p className="text-muted font-mono text-xs break-all">
          {code}
          {requestId === undefined ? '' : ` · request ${requestId}`}
        </p>
      )}
      {canRetry && onRetry !== undefined && (
        <div>
          <Button size="small" onClick={onRetry}>
            Try again
          </Button>
        </div>
      )}
    </Notice>
  )
}
