import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { Link } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import { paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'

interface NoGroupsProps {
  readonly network: NetworkName
  readonly isFiltered: boolean
  readonly onNew: () => void
}

/** A list of groups with nothing in it. */
export function NoGroups({ network, isFiltered, onNew }: NoGroupsProps) {
  if (isFiltered) {
    return (
      <Empty
        title="No group is called that"
        action={
          <Button asChild>
            <Link {...paths.groupsBy({ network })}>Show all {network} groups</Link>
          </Button>
        }
      >
        <p>Names are searched for the text anywhere in them.</p>
      </Empty>
    )
  }
  return (
    <Empty
      title={network === 'public' ? 'No groups of public files yet' : 'No groups of private files yet'}
      action={
        <Button look="primary" onClick={onNew}>
          Make the first group
        </Button>
      }
    >
      <p>Sort files by what they are for: a collection, a customer, a year. Uploads and programs can name the group.</p>
      <Code
        label="command"
        text={toCurl(routes.groupsCreate, { params: { network }, body: { name: 'My collection' } })}
      />
    </Empty>
  )
}
