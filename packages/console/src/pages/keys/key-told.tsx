import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import { keyAdviceQuery, keyRefusalsQuery } from '../../api/keys.ts'
import { plural } from '../../lib/plural.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Mono } from '../../ui/code.tsx'
import { Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

/** What a key was refused, and what would allow it. */
export function KeyRefusals({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(keyRefusalsQuery(id))
  return (
    <Section
      title="Refused"
      lead="What programs asked with this key and were not given."
      actions={<ApiCall curl={toCurl(routes.keysRefusals, { params: { id } })} />}
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data !== undefined && data.refusals.length === 0 && <p className="text-muted">It was refused nothing.</p>}
      {data !== undefined && data.refusals.length > 0 && (
        <Table
          label="Refused"
          head={
            <>
              <Th>Asked</Th>
              <Th>Why</Th>
              <Th>Would be allowed by</Th>
              <Th>Times</Th>
              <Th>Last</Th>
            </>
          }
        >
          {data.refusals.map(({ reason, message, route, scope, count, lastAt }) => (
            <tr key={`${reason} ${route?.id ?? ''}`}>
              <Td className="min-w-40">{route === null ? '' : <Mono>{`${route.method} ${route.path}`}</Mono>}</Td>
              <Td className="min-w-48" title={message}>
                {reason}
              </Td>
              <Td>{scope !== null && <Mono>{scope}</Mono>}</Td>
              <Td className="tabular">{count}</Td>
              <Td>
                <Ago iso={lastAt} />
              </Td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}

/** What a key may do and does not. */
export function KeyAdvice({ id }: { readonly id: string }) {
  const { data, error, refetch } = useQuery(keyAdviceQuery(id))
  return (
    <Section
      title="Could do without"
      lead="What it may do and was not used for lately. A new key with less is a smaller loss when it leaks."
      actions={<ApiCall curl={toCurl(routes.keysAdvice, { params: { id } })} />}
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data !== undefined && (
        <>
          <p>
            {data.observedDays < data.days
              ? `Its uses are known of ${plural(data.observedDays, 'day')} so far, of ${data.days} that tell enough.`
              : `In the last ${data.days} days:`}
          </p>
          <Scopes title="Used" scopes={data.used} none="Nothing." />
          <Scopes title="Not used" scopes={data.unused} none="Nothing: it uses all that it may." />
          <div>
            {data.permissions === null ? (
              <Button disabledBecause="It uses all that it may.">Make a smaller key</Button>
            ) : data.used.length === 0 ? (
              <Button disabledBecause="It was used for nothing: revoke it.">Make a smaller key</Button>
            ) : (
              <Button asChild>
                <Link {...paths.newKeyLike(id)}>Make a smaller key</Link>
              </Button>
            )}
          </div>
        </>
      )}
    </Section>
  )
}

function Scopes({
  title,
  scopes,
  none,
}: {
  readonly title: string
  readonly scopes: readonly string[]
  readonly none: string
}) {
  return (
    <div>
      <h3 className="font-medium">{title}</h3>
      {scopes.length === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <ul aria-label={title} className="flex flex-wrap gap-x-3 gap-y-1">
          {scopes.map((scope) => (
            <li key={scope}>
              <Mono>{scope}</Mono>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
