import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useEffect, useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { groupsQuery } from '../../api/groups.ts'
import { useWhoami } from '../../api/session.ts'
import { EditGroup } from '../../forms/edit-group.tsx'
import { useDebounced } from '../../lib/use-debounced.ts'
import { type GroupsSearch, paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Field, TextInput } from '../../ui/field.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { GroupTable } from './group-table.tsx'
import { NoGroups } from './no-groups.tsx'

const route = getRouteApi('/signed-in/groups')

/** The groups of the account, of one network at a time. */
export function GroupsPage() {
  const search: GroupsSearch = route.useSearch()
  const { publicContent } = useWhoami()
  const navigate = useNavigate()
  const network = search.network ?? (publicContent === 'refused' ? 'private' : 'public')
  const go = (change: GroupsSearch, replace = false) => void navigate({ ...paths.groupsBy(change), replace })
  const { add: _add, ...without } = search
  return (
    <Page
      title="Groups"
      lead="A group is a named set of files, public or private. A file is in one at most."
      actions={
        <>
          <ApiCall curl={toCurl(routes.groupsList, { params: { network }, query: { name: search.q } })} />
          <Button look="primary" onClick={() => go({ ...search, add: true })}>
            <Plus />
            New group
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <nav aria-label="Network" className="border-line flex gap-1 border-b">
          {(['public', 'private'] as const).map((each) => (
            <Link
              key={each}
              {...paths.groupsBy({ ...without, network: each })}
              aria-current={each === network ? 'page' : undefined}
              className="text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink -mb-px border-b-2 border-transparent px-3 py-2 capitalize aria-[current=page]:font-medium"
            >
              {each}
            </Link>
          ))}
        </nav>
        <NameSearch name={search.q ?? ''} onChange={(q) => go({ network, ...(q.trim() === '' ? {} : { q }) }, true)} />
        <Groups network={network} name={search.q} onNew={() => go({ ...search, add: true })} />
      </div>
      {search.add === true && (
        <EditGroup
          network={network}
          onClose={() => go(without, true)}
          onMade={({ id }) => void navigate(paths.group(network, id))}
        />
      )}
    </Page>
  )
}

interface GroupsProps {
  readonly network: NetworkName
  readonly name: string | undefined
  readonly onNew: () => void
}

function Groups({ network, name, onNew }: GroupsProps) {
  const { data, error, refetch, isPending, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...groupsQuery(network, name),
    placeholderData: keepPreviousData,
  })
  if (isPending) return <Waiting />
  const groups = data?.pages.flatMap((page) => page.groups) ?? []
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {groups.length > 0 && <GroupTable groups={groups} />}
      {groups.length === 0 && error === null && (
        <NoGroups network={network} isFiltered={name !== undefined} onNew={onNew} />
      )}
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
    </>
  )
}

interface NameSearchProps {
  readonly name: string
  readonly onChange: (name: string) => void
}

function NameSearch({ name, onChange }: NameSearchProps) {
  const [text, setText] = useState(name)
  const settled = useDebounced(text, 250)
  useEffect(() => {
    if (settled !== name) onChange(settled)
    // Only what is typed is followed; what the address says is read once.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [settled])
  return (
    <Field label="Search by name" isLabelHidden className="w-full sm:w-64">
      <TextInput
        type="search"
        dir="auto"
        maxLength={1_024}
        placeholder="Search by name"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </Field>
  )
}
