import { ApiError } from '@pinyon/contract/client.ts'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { messageOf } from '../api/explain.ts'
import { type InstallationHealth, installationHealthQuery } from '../api/health.ts'
import { useWhoami } from '../api/session.ts'
import { Notice } from '../ui/notice.tsx'

/** Whether all is well, in the first line; below it each thing that is not, with what to do. */
export function HealthLine({ children }: { readonly children?: ReactNode }) {
  const { version } = useWhoami()
  const { data, error } = useQuery(installationHealthQuery)
  const findings = error === null ? (data?.findings ?? []) : []
  return (
    <div role="status" aria-label="Health">
      <Notice tone={toneOf(data, error)}>
        <p>
          <strong className="font-medium">{wordsFor(data, error)}</strong> Pinyon {version}. {children}
        </p>
        {findings.length > 0 && (
          <ul className="flex list-disc flex-col gap-2 pl-5">
            {findings.map(({ part, message, help }) => (
              <li key={`${part} ${message}`} className="wrap-anywhere">
                <span className="font-medium">{message}</span> {help}
              </li>
            ))}
          </ul>
        )}
      </Notice>
    </div>
  )
}

function toneOf(data: InstallationHealth | undefined, error: Error | null) {
  if (error !== null) return 'danger'
  if (data === undefined) return 'plain'
  if (data.state === 'well') return 'ok'
  return data.findings.some(({ severity }) => severity === 'danger') ? 'danger' : 'warn'
}

function wordsFor(data: InstallationHealth | undefined, error: Error | null): string {
  if (error instanceof ApiError && error.status === 503)
    return 'The server is starting, recovering or stopping: it serves no requests yet.'
  if (error !== null) return messageOf(error)
  if (data === undefined) return 'Asking the server…'
  if (data.state === 'well') return 'All is well.'
  return data.findings.length === 1 ? 'One thing is not well.' : `${data.findings.length} things are not well.`
}
