import { routes } from '@pinyon/contract/routes.ts'
import { toCurl } from '../../api/curl.ts'
import type { LinksSearch } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'

interface NoLinksProps {
  readonly search: LinksSearch
  readonly onChange: (search: LinksSearch) => void
}

/** A list of links with nothing in it. */
export function NoLinks({ search, onChange }: NoLinksProps) {
  if (search.kind !== undefined || search.file !== undefined || search.ended === true) {
    return (
      <Empty
        title="No link is like that"
        action={<Button onClick={() => onChange({})}>Show all that can be used</Button>}
      >
        <p>None of the account’s links fits all that is chosen above.</p>
      </Empty>
    )
  }
  return (
    <Empty
      title="No links that can be used"
      action={
        <Button look="primary" onClick={() => onChange({ add: true })}>
          New upload link
        </Button>
      }
    >
      <p>
        Share a private file from its page, or give somebody a link that takes one upload. Links end by themselves, and
        can be revoked here.
      </p>
      <Code label="command" text={toCurl(routes.filesSign, { body: { expires: 3_600, max_file_size: 10_485_760 } })} />
    </Empty>
  )
}
