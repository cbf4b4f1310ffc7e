import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type Account, type AccountFilter, accountsQuery } from '../../api/accounts.ts'
import { ChangeAccount } from '../../forms/change-account.tsx'
import { DisableAccount } from '../../forms/disable-account.tsx'
import { useDebounced } from '../../lib/use-debounced.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { Empty } from '../../ui/empty.tsx'
import { Field, Select, TextInput } from '../../ui/field.tsx'
import { MoreRows } from '../../ui/more-rows.tsx'
import { AccountsTable } from './accounts-table.tsx'

interface AccountListProps {
  readonly filter: { readonly name?: string; readonly state?: 'enabled' | 'disabled' }
  readonly ownId: string
}

/** The accounts that a filter leaves, and the forms that change one. */
export function AccountList({ filter, ownId }: AccountListProps) {
  const { data, error, isPending, isFetchingNextPage, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery(
    accountsQuery(filter),
  )
  const [changed, setChanged] = useState<Account>()
  const [disabled, setDisabled] = useState<Account>()
  const accounts = data?.pages.flatMap((page) => page.accounts) ?? []
  return (
    <div className="flex flex-col gap-4">
      <Filter filter={filter} />
      {isPending && <Waiting />}
      {accounts.length > 0 && (
        <AccountsTable accounts={accounts} ownId={ownId} onChange={setChanged} onDisable={setDisabled} />
      )}
      {data !== undefined && accounts.length === 0 && (
        <Empty title="No such account">
          <p>No account has that name and state.</p>
        </Empty>
      )}
      {error === null ? (
        hasNextPage && <MoreRows isBusy={isFetchingNextPage} onMore={() => void fetchNextPage()} />
      ) : (
        <ErrorPanel error={error} onRetry={() => void (data === undefined ? refetch() : fetchNextPage())} />
      )}
      <ChangeAccount account={changed} onClose={() => setChanged(undefined)} />
      <DisableAccount account={disabled} onClose={() => setDisabled(undefined)} />
    </div>
  )
}

function Filter({ filter }: { readonly filter: AccountListProps['filter'] }) {
  const navigate = useNavigate()
  const [typed, setTyped] = useState(filter.name ?? '')
  const name = useDebounced(typed)
  const { state } = filter
  useEffect(() => {
    if (name === (filter.name ?? '')) return
    void navigate({ ...paths.operatorOf(searchOf({ name, state })), replace: true })
    // What is typed goes into the address, and nothing comes back from there while it is.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [name])
  return (
    <div className="flex flex-wrap gap-4">
      <Field label="Name contains" className="w-full max-w-xs">
        <TextInput type="search" dir="auto" value={typed} onChange={({ target }) => setTyped(target.value)} />
      </Field>
      <Field label="State" className="w-full max-w-40">
        <Select
          value={state ?? ''}
          onChange={({ target }) => {
            const chosen = target.value === 'enabled' || target.value === 'disabled' ? target.value : undefined
            void navigate({ ...paths.operatorOf(searchOf({ name: typed, state: chosen })), replace: true })
          }}
        >
          <option value="">All</option>
          <option value="enabled">Active</option>
          <option value="disabled">Disabled</option>
        </Select>
      </Field>
    </div>
  )
}

/** Only what is set stands in the address. */
function searchOf({ name, state }: AccountFilter): AccountListProps['filter'] {
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    ...(state === undefined ? {} : { state }),
  }
}
