import { routes } from '@pinyon/contract/routes.ts'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { toCurl } from '../../api/curl.ts'
import { type FileLink, linksQuery, presentLinksQuery, readLinksSearch } from '../../api/links.ts'
import { NewUploadLink } from '../../forms/new-upload-link.tsx'
import { type LinksSearch, paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Late } from '../../ui/late.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { Table, Th } from '../../ui/table.tsx'
import { LinkFilters } from './link-filters.tsx'
import { LinkRow } from './link-row.tsx'
import { NoLinks } from './no-links.tsx'

const route = getRouteApi('/signed-in/links')

/** The links of the account: who may read a private file, or bring one, without a key. */
export function LinksPage() {
  // The router hands on what the route's own reading left out.
  const { add, ...search } = route.useSearch({ select: (given) => readLinksSearch({ ...given }) })
  const navigate = useNavigate()
  const go = (to: LinksSearch) => void navigate(paths.linksBy(to))
  return (
    <Page
      title="Links"
      lead="A link lets somebody without a key read one private file, or bring one."
      actions={
        <>
          <ApiCall curl={toCurl(routes.linksPage, { query: presentLinksQuery(search) })} />
          <Button look="primary" onClick={() => go({ ...search, add: true })}>
            <Plus />
            New upload link
          </Button>
        </>
      }
    >
      <Links search={search} onChange={go} />
      <NewUploadLink isOpen={add === true} onClose={() => go(search)} />
    </Page>
  )
}

interface LinksProps {
  readonly search: LinksSearch
  readonly onChange: (search: LinksSearch) => void
}

function Links({ search, onChange }: LinksProps) {
  const { data, error, refetch, isPlaceholderData, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery({
    ...linksQuery(search),
    placeholderData: keepPreviousData,
  })
  const links = data?.pages.flatMap((page) => page.links)
  return (
    <div className="flex flex-col gap-4">
      <LinkFilters search={search} onChange={onChange} />
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {links === undefined && error === null && <Late />}
      {links !== undefined && links.length === 0 && !isPlaceholderData && (
        <NoLinks search={search} onChange={onChange} />
      )}
      {links !== undefined && links.length > 0 && <LinkTable links={links} />}
      {hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />}
    </div>
  )
}

function LinkTable({ links }: { readonly links: readonly FileLink[] }) {
  return (
    <Table
      label="Links"
      head={
        <>
          <Th>What</Th>
          <Th>Uses</Th>
          <Th className="max-md:hidden">Last used</Th>
          <Th>Expires</Th>
          <Th className="max-md:hidden">Made</Th>
          <Th className="max-md:hidden">State</Th>
          <Th className="max-md:hidden">
            <span className="sr-only">What to do</span>
          </Th>
        </>
      }
    >
      {links.map((link) => (
        <LinkRow key={link.id} link={link} />
      ))}
    </Table>
  )
}
