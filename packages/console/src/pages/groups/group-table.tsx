import { Link } from '@tanstack/react-router'
import { EllipsisVertical, FileText, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Group } from '../../api/groups.ts'
import { DeleteGroup } from '../../forms/delete-group.tsx'
import { EditGroup } from '../../forms/edit-group.tsx'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { paths } from '../../paths.ts'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Menu, MenuItem, MenuLine } from '../../ui/menu.tsx'
import { Table, Td, Th, ThDeeds } from '../../ui/table.tsx'

/** Groups, and what can be done with each. */
export function GroupTable({ groups }: { readonly groups: readonly Group[] }) {
  const [asked, setAsked] = useState<{ readonly what: 'edit' | 'delete'; readonly group: Group }>()
  const close = () => setAsked(undefined)
  return (
    <>
      <Table
        label="Groups"
        head={
          <>
            <Th>Name</Th>
            <Th>Readable</Th>
            <Th>Made</Th>
            <ThDeeds />
          </>
        }
      >
        {groups.map((group) => (
          <tr key={group.id}>
            <Td className="max-w-96">
              <Link
                {...paths.group(group.network, group.id)}
                className="block truncate font-medium hover:underline"
                dir="auto"
                title={group.name}
              >
                {group.name}
              </Link>
            </Td>
            <Td>
              <Readable group={group} />
            </Td>
            <Td className="tabular whitespace-nowrap">{formatDayAndTime(group.created_at)}</Td>
            <Td className="text-right">
              <GroupMenu group={group} onAsk={(what) => setAsked({ what, group })} />
            </Td>
          </tr>
        ))}
      </Table>
      {asked?.what === 'edit' && <EditGroup network={asked.group.network} group={asked.group} onClose={close} />}
      {asked?.what === 'delete' && <DeleteGroup group={asked.group} onClose={close} />}
    </>
  )
}

/** Who may read the files of a group. */
export function Readable({ group }: { readonly group: Group }) {
  if (group.network === 'public') return <Badge tone="accent">by anyone</Badge>
  return group.is_public ? <Badge tone="warn">by CID, without a link</Badge> : <Badge tone="plain">by link</Badge>
}

interface GroupMenuProps {
  readonly group: Group
  readonly onAsk: (what: 'edit' | 'delete') => void
}

function GroupMenu({ group, onAsk }: GroupMenuProps) {
  return (
    <Menu
      trigger={
        <Button look="quiet" size="icon" className="size-7!" aria-label={`What to do with ${group.name}`}>
          <EllipsisVertical />
        </Button>
      }
    >
      <MenuItem asChild>
        <Link {...paths.filesBy({ network: group.network, group: group.id })}>
          <FileText />
          Show files
        </Link>
      </MenuItem>
      <MenuItem onSelect={() => onAsk('edit')}>
        <Pencil />
        Change…
      </MenuItem>
      <MenuLine />
      <MenuItem isDanger onSelect={() => onAsk('delete')}>
        <Trash2 />
        Delete…
      </MenuItem>
    </Menu>
  )
}
