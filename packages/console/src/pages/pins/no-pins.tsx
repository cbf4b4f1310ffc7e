import { routes } from '@pinyon/contract/routes.ts'
import { Link } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import { paths } from '../../paths.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'

/** No pin by CID yet: what will stand here, and how the first one comes. */
export function NoPins({ refused }: { readonly refused: string | false }) {
  const body = { cid: 'bafy…', name: 'photo.jpg' }
  return (
    <Empty
      title="No pins by CID yet"
      action={
        refused === false ? (
          <Button asChild look="primary">
            <Link {...paths.newPin}>Pin by CID</Link>
          </Button>
        ) : (
          <Button look="primary" disabledBecause={refused}>
            Pin by CID
          </Button>
        )
      }
    >
      <p>
        Content that somebody on the IPFS network has can be kept here too: give its CID, and it is fetched. What you
        upload stands under Files. Programs, Kubo and IPFS Desktop pin by CID too;{' '}
        <Link {...paths.connectTool('kubo', 'jwt')} className="text-accent underline">
          Connect
        </Link>{' '}
        says what to type where.
      </p>
      <Code label="command" text={toCurl(routes.pinByCid, { body })} />
    </Empty>
  )
}

/** Pins there may be, but none that the filters let through. */
export function NoMatch() {
  return (
    <Empty
      title="No pin matches"
      action={
        <Button asChild>
          <Link {...paths.pinsBy({})}>Show all pins</Link>
        </Button>
      }
    >
      <p>Names are searched for the text anywhere in them; a CID has to be the same.</p>
    </Empty>
  )
}
