import { routes } from '@pinyon/contract/routes.ts'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { auditActions } from '../../api/audit-actions.ts'
import { auditQuery } from '../../api/audit.ts'
import { toCurl } from '../../api/curl.ts'
import { useSession } from '../../api/session.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Forbidden } from '../../shell/forbidden.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Field, Select } from '../../ui/field.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { AuditTable } from './audit-table.tsx'

/** Who did what in this account, and when. */
export function AuditPage() {
  const { action } = useSearch({ from: '/signed-in/audit' })
  const { account } = useSession()
  const isMember = account.role === 'member'
  return (
    <Page
      title="Audit"
      lead="Who did what in this account, latest first. Lines are never changed or removed."
      actions={<ApiCall curl={toCurl(routes.auditList, { query: { action, limit: 100 } })} />}
    >
      {isMember ? (
        <Forbidden permission="account.audit">An owner of this account can make you an owner too.</Forbidden>
      ) : (
        <>
          <ActionFilter action={action} />
          <Lines action={action} />
        </>
      )}
    </Page>
  )
}

function ActionFilter({ action }: { readonly action: string | undefined }) {
  const navigate = useNavigate()
  const isUnknown = action !== undefined && !auditActions.some((known) => known.action === action)
  return (
    <Field label="Action" className="w-full max-w-xs">
      <Select
        value={action ?? ''}
        onChange={({ target }) => void navigate({ ...paths.auditOf(target.value || undefined), replace: true })}
      >
        <option value="">All</option>
        {isUnknown && <option value={action}>{action}</option>}
        {auditActions.map((known) => (
          <option key={known.action} value={known.action}>
            {known.label}
          </option>
        ))}
      </Select>
    </Field>
  )
}

function Lines({ action }: { readonly action: string | undefined }) {
  const navigate = useNavigate()
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    auditQuery(action),
  )
  if (isPending) return <Waiting />
  const lines = data?.pages.flatMap(({ entries }) => entries) ?? []
  return (
    <>
      {lines.length > 0 && <AuditTable lines={lines} />}
      {lines.length === 0 && error === null && (
        <Empty
          title={action === undefined ? 'Nothing was done yet' : 'No such line'}
          action={<Button onClick={() => void navigate(paths.auditOf(undefined))}>Show all</Button>}
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
