import { describePermissions } from '@pinyon/contract/describe-permissions.ts'
import { Link } from '@tanstack/react-router'
import { EllipsisVertical } from 'lucide-react'
import type { KeyDetail } from '../../api/keys.ts'
import { paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem } from '../../ui/menu.tsx'
import { Td } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'
import { KeyState } from './key-state.tsx'
import { Uses } from './uses.tsx'

interface KeyRowProps {
  readonly keyDetail: KeyDetail
  readonly now: number
  readonly onRegenerate: () => void
  readonly onRevoke: () => void
}

/** A key in the list. */
export function KeyRow({ keyDetail: key, now, onRegenerate, onRevoke }: KeyRowProps) {
  const { lastUsed } = key
  const isRevoked = key.state === 'revoked' && 'It is revoked, and that cannot be taken back.'
  return (
    <tr>
      <th scope="row" className="max-w-64 min-w-36 px-3 py-2 text-left align-middle font-medium">
        <Link {...paths.key(key.id)} dir="auto" title={key.name} className="block truncate hover:underline">
          {key.name}
        </Link>
        <div className="mt-1 md:hidden">
          <KeyState keyDetail={key} now={now} />
        </div>
      </th>
      <Td className="min-w-40">{describePermissions(key.permissions)}</Td>
      <Td>
        <Uses {...key} />
      </Td>
      <Td>
        {lastUsed === null ? (
          <span className="text-muted">never</span>
        ) : (
          <span title={lastUsed.address === null ? undefined : `from ${lastUsed.address}`} className="block">
            <Ago iso={lastUsed.at} />
            {lastUsed.route !== null && (
              <span className="text-muted block font-mono text-xs">
                {lastUsed.route}
                {lastUsed.address !== null && <span className="sr-only"> from {lastUsed.address}</span>}
              </span>
            )}
          </span>
        )}
      </Td>
      <Td>{key.expiresAt === null ? <span className="text-muted">never</span> : <Ago iso={key.expiresAt} />}</Td>
      <Td className="max-md:hidden">
        <KeyState keyDetail={key} now={now} />
      </Td>
      <Td className="text-right">
        <Menu
          trigger={
            <Button look="quiet" size="icon" aria-label={`What to do with ${key.name}`}>
              <EllipsisVertical />
            </Button>
          }
        >
          <MenuItem asChild>
            <Link {...paths.key(key.id)}>Open</Link>
          </MenuItem>
          <MenuItem onSelect={onRegenerate} disabledBecause={isRevoked}>
            Regenerate…
          </MenuItem>
          <MenuItem isDanger onSelect={onRevoke} disabledBecause={isRevoked}>
            Revoke…
          </MenuItem>
        </Menu>
      </Td>
    </tr>
  )
}
