import { type Scope, scopes } from '@pinyon/contract/permissions.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { keyAdviceQuery, keyQuery, keyRefusalsQuery } from '../../api/keys.ts'
import { draftOfLess, type KeyDraft } from '../../forms/key-draft.ts'
import { plural } from '../../lib/plural.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Button } from '../../ui/button.tsx'
import { Mono } from '../../ui/code.tsx'
import { Late } from '../../ui/late.tsx'
import { Notice } from '../../ui/notice.tsx'

interface SmallerKeyProps {
  /** Of the key that was used. */
  readonly id: string
  readonly children: (
    start: KeyDraft,
    renderTold: (draft: KeyDraft, change: (part: Partial<KeyDraft>) => void) => ReactNode,
  ) => ReactNode
}

/** Begins a key with what another was used for; what that one was refused can be added. */
export function SmallerKey({ id, children }: SmallerKeyProps) {
  const key = useQuery(keyQuery(id))
  const advice = useQuery(keyAdviceQuery(id))
  const refusals = useQuery(keyRefusalsQuery(id))
  const parts = [key, advice, refusals]
  const failed = parts.find(({ error, data }) => error !== null && data === undefined)
  if (failed !== undefined) {
    return <ErrorPanel error={failed.error} onRetry={() => parts.forEach(({ refetch }) => void refetch())} />
  }
  if (key.data === undefined || advice.data === undefined || refusals.data === undefined) return <Late />
  const { name } = key.data
  const { used, unused, days, observedDays } = advice.data
  const refused = [...new Set(refusals.data.refusals.map(({ scope }) => scope))].filter(isScope)
  return children(draftOfLess(key.data, advice.data.permissions), (draft, change) => (
    <Notice>
      <p className="wrap-anywhere">
        This begins with what{' '}
        <Link {...paths.key(id)} dir="auto" className="text-accent underline">
          {name}
        </Link>{' '}
        was used for in the last {plural(Math.min(days, observedDays), 'day')}: {used.length} of{' '}
        {used.length + unused.length} permissions, within the same bounds. Revoke that key once the new one is in use.
      </p>
      {refused.length > 0 && (
        <>
          <p>It was refused these, which the new one can be given:</p>
          <ul aria-label="Refused" className="flex flex-col gap-1">
            {refused.map((scope) => (
              <li key={scope} className="flex flex-wrap items-center gap-2">
                <Mono>{scope}</Mono>
                <Button
                  size="small"
                  aria-label={`Allow ${scope}`}
                  disabledBecause={(draft.isAdmin || draft.chosen.has(scope)) && 'The new key may do it.'}
                  onClick={() => change({ chosen: new Set([...draft.chosen, scope]) })}
                >
                  Allow
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Notice>
  ))
}

function isScope(text: string | null): text is Scope {
  return scopes.some((scope) => scope === text)
}
