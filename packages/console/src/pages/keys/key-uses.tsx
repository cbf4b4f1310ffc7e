import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { keyUsesQuery } from '../../api/keys.ts'
import { plural } from '../../lib/plural.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Mono } from '../../ui/code.tsx'
import { Section } from '../../ui/page.tsx'

/** How often a key was used on each of the last thirty days, and for what. */
export function KeyUses({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(keyUsesQuery(id))
  const most = Math.max(1, ...(data?.days.map(({ uses }) => uses) ?? []))
  const sum = data?.days.reduce((all, { uses }) => all + uses, 0) ?? 0
  return (
    <Section
      title="Uses by day"
      lead="Requests that passed, on the last 30 days, in UTC."
      actions={<ApiCall curl={toCurl(routes.keysUses, { params: { id } })} />}
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data !== undefined && sum === 0 && <p className="text-muted">It was not used.</p>}
      {data !== undefined && sum > 0 && (
        <>
          <ol
            aria-label="Uses by day"
            className="border-line bg-surface flex h-28 items-end gap-px rounded-lg border p-3"
          >
            {data.days.map(({ day, uses }) => (
              <li key={day} title={`${day}: ${plural(uses, 'use')}`} className="flex h-full min-w-0 flex-1 items-end">
                <span className="sr-only">{`${day}: ${plural(uses, 'use')}`}</span>
                <span
                  aria-hidden
                  className={uses === 0 ? 'bg-line h-px w-full' : 'bg-accent w-full rounded-t-sm'}
                  style={uses === 0 ? undefined : { height: `${Math.max(4, (uses / most) * 100)}%` }}
                />
              </li>
            ))}
          </ol>
          <ul aria-label="By operation" className="flex flex-wrap gap-x-4 gap-y-1">
            {data.routes.map(({ route, uses }) => (
              <li key={route}>
                <Mono>{route}</Mono> <span className="text-muted tabular">{uses}</span>
              </li>
            ))}
          </ul>
        </>
      )}
    </Section>
  )
}
