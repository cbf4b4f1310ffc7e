import { routes } from '@pinyon/contract/routes.ts'
import { Link } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import { paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'

interface NoKeysProps {
  readonly isFiltered: boolean
  readonly onShowAll: () => void
}

/** A list of keys with nothing in it. */
export function NoKeys({ isFiltered, onShowAll }: NoKeysProps) {
  if (isFiltered) {
    return (
      <Empty title="No key is like that" action={<Button onClick={onShowAll}>Show all keys</Button>}>
        <p>None of the account’s keys fits all that is chosen above.</p>
      </Empty>
    )
  }
  return (
    <Empty
      title="No keys yet"
      action={
        <Button asChild look="primary">
          <Link {...paths.newKey}>New API Key</Link>
        </Button>
      }
    >
      <p>A program shows a key with each request. The key says which account it works for and what it may do there.</p>
      <Code label="command" text={`export PINYON_JWT='the JWT of your key'\n${toCurl(routes.whoami)}`} />
    </Empty>
  )
}
