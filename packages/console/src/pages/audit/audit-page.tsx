import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { auditQuery } from '../../api/audit.ts'
import { toCurl } from '../../api/curl.ts'
import { useSession } from '../../api/session.ts'
import { VerifyAudit } from '../../forms/verify-audit.tsx'
import { type AuditSearch, paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Forbidden } from '../../shell/forbidden.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { AuditTable } from './audit-table.tsx'

/** Who did what in this account, and when; whether nobody took a line out of it. */
export function AuditPage() {
  const search = useSearch({ from: '/signed-in/audit' })
  const { account, user } = useSession()
  const isMember = account.role === 'member'
  return (
    <Page
      title="Audit"
      lead="Who did what in this account, latest first. Lines are never changed or removed."
      actions={
        <>
          <ApiCall curl={toCurl(routes.auditList, { query: { ...search, limit: 100 } })} />
          {!isMember && (
            <Button asChild>
              <a href={routes.auditExport.path} download="audit.ndjson">
                <Download />
                Export
              </a>
            </Button>
          )}
        </>
      }
    >
      {isMember ? (
        <Forbidden permission="account.audit">An owner of this account can make you an owner too.</Forbidden>
      ) : (
        <>
          <AuditFilters search={search} />
          <Lines search={search} />
          <Section
            title="Verify"
            lead="Every line is sealed within a second by a chain of hashes. This looks whether one was changed or taken away since."
          >
            <div className="flex flex-wrap gap-3">
              <VerifyAudit isWhole={false} />
              {user.operator && <VerifyAudit isWhole />}
            </div>
            {user.operator && (
              <p className="text-muted">
                The log of the whole installation:{' '}
                <a
                  className="text-accent underline"
                  href={routes.installationAuditExport.path}
                  download="audit-all.ndjson"
                >
                  export it
                </a>
                , or run <code className="font-mono">./pinyon admin audit verify</code> on the machine.
              </p>
            )}
          </Section>
        </>
      )}
    </Page>
  )
}

function Lines({ search }: { readonly search: AuditSearch }) {
  const navigate = useNavigate()
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    auditQuery(search),
  )
  if (isPending) return <Waiting />
  const lines = data?.pages.flatMap(({ entries }) => entries) ?? []
  const isFiltered = Object.keys(search).length > 0
  return (
    <>
      {lines.length > 0 && <AuditTable lines={lines} />}
      {lines.length === 0 && error === null && (
        <Empty
          title={isFiltered ? 'No such line' : 'Nothing was done yet'}
          action={<Button onClick={() => void navigate(paths.auditOf({}))}>Show all</Button>}
        >
          <p>
            Sign-ins, keys made and revoked, refused uses of keys, files that ended, people and settings stand here.
          </p>
        </Empty>
      )}
      {error === null ? (
        hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />
      ) : (
        <ErrorPanel error={error} onRetry={() => void (data === undefined ? refetch() : fetchNextPage())} />
      )}
    </>
  )
}
