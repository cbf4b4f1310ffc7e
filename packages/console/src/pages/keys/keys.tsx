import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery, keepPreviousData } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useCallback, useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type KeyDetail, keysQuery, readKeysSearch } from '../../api/keys.ts'
import { useSession } from '../../api/session.ts'
import { RegenerateKey } from '../../forms/regenerate-key.tsx'
import { RevokeKey } from '../../forms/revoke-key.tsx'
import { useNow } from '../../lib/use-now.ts'
import { type KeysSearch, paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Forbidden } from '../../shell/forbidden.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { Table, Th, ThDeeds } from '../../ui/table.tsx'
import { KeyFilters } from './key-filters.tsx'
import { KeyRow } from './key-row.tsx'
import { NoKeys } from './no-keys.tsx'

const route = getRouteApi('/signed-in/keys')

/** The keys of the account. */
export function KeysPage() {
  // The router hands on what the route's own reading left out.
  const filter = route.useSearch({ select: (search) => readKeysSearch({ ...search }) })
  const isMember = useSession().account.role === 'member'
  return (
    <Page
      title="API keys"
      lead="A key lets a program in. Give each its own, with what it needs and no more."
      actions={
        <>
          <ApiCall curl={toCurl(routes.keysPage, { query: { ...filter } })} />
          <Button asChild look="primary">
            <Link {...paths.newKey}>
              <Plus />
              New API Key
            </Link>
          </Button>
        </>
      }
    >
      {isMember ? (
        <Forbidden permission="keys.list">An owner of this account can make you an owner too.</Forbidden>
      ) : (
        <Keys filter={filter} />
      )}
    </Page>
  )
}

function Keys({ filter }: { readonly filter: KeysSearch }) {
  const navigate = useNavigate()
  const onChange = useCallback(
    (search: KeysSearch, how: 'typing' | 'choosing') =>
      void navigate({ ...paths.keysBy(search), replace: how === 'typing' }),
    [navigate],
  )
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  const { data, error, refetch, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...keysQuery(filter),
    placeholderData: keepPreviousData,
  })
  const keys = data?.pages.flatMap((page) => page.keys)
  return (
    <div className="flex flex-col gap-4">
      <KeyFilters filter={filter} onChange={onChange} />
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {keys === undefined && error === null && <Late />}
      {keys !== undefined && keys.length === 0 && !isPlaceholderData && (
        <NoKeys isFiltered={isFiltered} onShowAll={() => onChange({}, 'choosing')} />
      )}
      {keys !== undefined && keys.length > 0 && <KeyTable keys={keys} />}
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
    </div>
  )
}

function KeyTable({ keys }: { readonly keys: readonly KeyDetail[] }) {
  const now = useNow()
  const [asked, setAsked] = useState<{ readonly what: 'regenerate' | 'revoke'; readonly key: KeyDetail }>()
  const close = () => setAsked(undefined)
  return (
    <>
      <Table
        label="API keys"
        head={
          <>
            <Th>Name</Th>
            <Th>Permissions</Th>
            <Th>Uses</Th>
            <Th>Last used</Th>
            <Th>Expires</Th>
            <Th className="max-md:hidden">State</Th>
            <ThDeeds />
          </>
        }
      >
        {keys.map((key) => (
          <KeyRow
            key={key.id}
            keyDetail={key}
            now={now}
            onRegenerate={() => setAsked({ what: 'regenerate', key })}
            onRevoke={() => setAsked({ what: 'revoke', key })}
          />
        ))}
      </Table>
      {asked?.what === 'regenerate' && <RegenerateKey keyDetail={asked.key} onClose={close} />}
      {asked?.what === 'revoke' && <RevokeKey keyDetail={asked.key} onClose={close} />}
    </>
  )
}
