import { EllipsisVertical } from 'lucide-react'
import type { Account } from '../../api/accounts.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { formatDay, formatWhole } from '../../lib/format-time.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { Progress } from '../../ui/progress.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'

interface AccountsTableProps {
  readonly accounts: readonly Account[]
  /** The account acted from: disabling it would lock the reader out. */
  readonly ownId: string
  readonly onChange: (account: Account) => void
  readonly onDisable: (account: Account) => void
}

/** Accounts, what they use, and what can be done with them. */
export function AccountsTable({ accounts, ownId, onChange, onDisable }: AccountsTableProps) {
  return (
    <Table
      label="Accounts"
      head={
        <>
          <Th>Name</Th>
          <Th>Used of quota</Th>
          <Th className="text-right">Files</Th>
          <Th>Public content</Th>
          <Th>State</Th>
          <Th>Made</Th>
          <Th>
            <span className="sr-only">What can be done</span>
          </Th>
        </>
      }
    >
      {accounts.map((account) => (
        <tr key={account.id}>
          <Td className="max-w-80 min-w-44">
            <bdi className="block font-medium [overflow-wrap:anywhere]">{account.name}</bdi>
            <bdi className="text-muted block [overflow-wrap:anywhere]">{account.email}</bdi>
          </Td>
          <Td className="min-w-44">
            <Used {...account} />
          </Td>
          <Td className="text-right tabular-nums">{formatNumber(account.files)}</Td>
          <Td>{account.publicContent}</Td>
          <Td>
            {account.disabledAt === null ? <Badge tone="ok">active</Badge> : <Badge tone="danger">disabled</Badge>}
          </Td>
          <Td className="whitespace-nowrap">
            <time dateTime={account.createdAt} title={formatWhole(account.createdAt)}>
              {formatDay(account.createdAt)}
            </time>
          </Td>
          <Td>
            <Menu
              trigger={
                <Button look="quiet" size="icon" aria-label={`Change ${account.name}`}>
                  <EllipsisVertical />
                </Button>
              }
            >
              <MenuItem onSelect={() => onChange(account)}>Change name, quota, public content</MenuItem>
              <MenuItem
                isDanger={account.disabledAt === null}
                disabledBecause={account.id === ownId && 'You act from this account: disabling it would lock you out.'}
                onSelect={() => onDisable(account)}
              >
                {account.disabledAt === null ? 'Disable' : 'Enable'}
              </MenuItem>
            </Menu>
          </Td>
        </tr>
      ))}
    </Table>
  )
}

function Used({ name, usedBytes, quotaBytes }: Account) {
  if (quotaBytes === null) return <span className="whitespace-nowrap">{formatBytes(usedBytes)}, no quota</span>
  const share = quotaBytes === 0 ? 1 : usedBytes / quotaBytes
  return (
    <span className="flex flex-col gap-1">
      <span className="whitespace-nowrap">
        {formatBytes(usedBytes)} of {formatBytes(quotaBytes)}
      </span>
      <Progress label={`Quota of ${name} used`} share={share} tone={share >= 1 ? 'danger' : 'accent'} />
    </span>
  )
}
