import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type Name, namesQuery, readNamesSearch } from '../../api/names.ts'
import { ImportName } from '../../forms/import-name.tsx'
import { NewName } from '../../forms/new-name.tsx'
import { shorten } from '../../lib/shorten.ts'
import { type NamesSearch, paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Code, Mono } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { NameFilter } from './name-filter.tsx'
import { NameState } from './name-state.tsx'

const route = getRouteApi('/signed-in/names')

/** The IPNS names of the account. */
export function NamesPage() {
  const navigate = useNavigate()
  const search = route.useSearch({ select: (given) => readNamesSearch({ ...given }) })
  const [asked, setAsked] = useState<'new' | 'import'>()
  const close = () => setAsked(undefined)
  const goTo = ({ id }: Name) => void navigate(paths.name(id))
  return (
    <Page
      title="Names"
      lead="An address that stays while what it leads to changes: an IPNS name, or a domain of yours that leads to one."
      actions={
        <>
          <ApiCall curl={toCurl(routes.namesList, { query: { ...search } })} />
          <Button onClick={() => setAsked('import')}>Import key</Button>
          <Button look="primary" onClick={() => setAsked('new')}>
            <Plus />
            New name
          </Button>
        </>
      }
    >
      <NameFilter search={search} />
      <Names search={search} onNew={() => setAsked('new')} />
      {asked === 'new' && <NewName onClose={close} onMade={goTo} />}
      {asked === 'import' && <ImportName onClose={close} onMade={goTo} />}
    </Page>
  )
}

interface NamesProps {
  readonly search: NamesSearch
  readonly onNew: () => void
}

function Names({ search, onNew }: NamesProps) {
  const { data, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(namesQuery(search))
  if (data === undefined) return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  const names = data.pages.flatMap((page) => page.names)
  if (names.length === 0 && search.cid !== undefined) {
    return (
      <Empty
        title="No name leads there"
        action={
          <Button asChild>
            <Link {...paths.names}>Show all names</Link>
          </Button>
        }
      >
        <p>None of the account’s names leads to that CID now.</p>
      </Empty>
    )
  }
  if (names.length === 0) {
    return (
      <Empty
        title="No names yet"
        action={
          <Button look="primary" onClick={onNew}>
            New name
          </Button>
        }
      >
        <p>
          Make one, have it lead to a file, and give its address away. Publish another file later: the address stays.
        </p>
        <Code label="command" text={toCurl(routes.namesCreate, { body: { label: 'site' } })} />
      </Empty>
    )
  }
  return (
    <>
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Table
        label="Names"
        head={
          <>
            <Th>Label</Th>
            <Th className="max-md:hidden">State</Th>
            <Th>Leads to</Th>
            <Th>Published</Th>
          </>
        }
      >
        {names.map((name) => (
          <tr key={name.id}>
            <Td className="max-w-64 min-w-40">
              <Link {...paths.name(name.id)} className="block truncate font-medium hover:underline" title={name.label}>
                <bdi>{name.label}</bdi>
              </Link>
              <span className="text-muted block truncate font-mono text-xs" title={name.name}>
                {shorten(name.name, { head: 12, tail: 6 })}
              </span>
              <div className="mt-1 md:hidden">
                <NameState name={name} />
              </div>
            </Td>
            <Td className="max-md:hidden">
              <NameState name={name} />
            </Td>
            <Td className="min-w-40">
              {name.value === null ? (
                'nothing yet'
              ) : (
                <Mono title={name.value}>{shorten(name.value, { head: 18, tail: 8 })}</Mono>
              )}
            </Td>
            <Td>{name.publishedAt === null ? 'never' : <Ago iso={name.publishedAt} />}</Td>
          </tr>
        ))}
      </Table>
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
    </>
  )
}
