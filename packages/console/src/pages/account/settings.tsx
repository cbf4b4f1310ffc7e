import { useQuery } from '@tanstack/react-query'
import { accountQuery } from '../../api/account.ts'
import { AccountForm } from '../../forms/account-form.tsx'
import { formatBytes } from '../../lib/format-bytes.ts'
import { plural } from '../../lib/plural.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Section } from '../../ui/page.tsx'
import { Progress } from '../../ui/progress.tsx'
import { Late } from '../../ui/late.tsx'

/** The account's room, and its settings, which owners change. */
export function Settings({ isOwner }: { readonly isOwner: boolean }) {
  const { data: account, error, refetch } = useQuery(accountQuery)
  return (
    <Section title="This account">
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {account === undefined ? (
        error === null && <Late />
      ) : (
        <>
          <Room usedBytes={account.usedBytes} quotaBytes={account.quotaBytes} files={account.files} />
          <AccountForm
            key={account.id}
            account={account}
            disabledBecause={isOwner ? undefined : 'Only owners of the account change this; ask one of them.'}
          />
        </>
      )}
    </Section>
  )
}

interface RoomProps {
  readonly usedBytes: number
  readonly quotaBytes: number | null
  readonly files: number
}

function Room({ usedBytes, quotaBytes, files }: RoomProps) {
  const share = quotaBytes === null ? undefined : quotaBytes === 0 ? 1 : usedBytes / quotaBytes
  return (
    <div className="flex max-w-xl flex-col gap-1.5">
      <p className="tabular">
        <span className="font-medium">{formatBytes(usedBytes)}</span>
        {quotaBytes === null ? ' in use, no limit' : ` of ${formatBytes(quotaBytes)} in use`}
        <span className="text-muted">, {plural(files, 'file')}</span>
      </p>
      {share !== undefined && <Progress label="Room in use" share={share} tone={share >= 0.95 ? 'danger' : 'accent'} />}
      {share !== undefined && share >= 1 && (
        <p className="text-danger">
          The room is full: uploads are refused. Unpin what is not needed, or ask the operator for more.
        </p>
      )}
    </div>
  )
}
