import { ApiError } from '@pinyon/contract/client.ts'
import { useQuery } from '@tanstack/react-query'
import { healthQuery } from '../../api/health.ts'
import { messageOf } from '../../api/explain.ts'
import { Notice } from '../../ui/notice.tsx'

/** Whether all is well, in the first line. */
export function HealthLine({ version }: { readonly version: string }) {
  const { data, error } = useQuery(healthQuery)
  return (
    <div role="status" aria-label="Health">
      <Notice tone={error !== null ? 'danger' : data === undefined ? 'plain' : 'ok'}>
        <p>
          <strong className="font-medium">
            {error !== null ? wordsFor(error) : data === undefined ? 'Asking the server…' : 'All is well.'}
          </strong>{' '}
          Pinyon {version}.
        </p>
      </Notice>
    </div>
  )
}

function wordsFor(error: Error): string {
  return error instanceof ApiError && error.status === 503
    ? 'The server is starting, recovering or stopping: it serves no requests yet.'
    : messageOf(error)
}
