import { Link } from '@tanstack/react-router'
import { paths } from '../paths.ts'
import { Button } from '../ui/button.tsx'
import { Doorstep } from './doorstep.tsx'

/** An address that leads to no page. */
export function NotFound() {
  return (
    <Doorstep title="There is no such page" lead="The address may be mistyped, or the page is from a newer Pinyon.">
      <Button asChild look="primary">
        <Link {...paths.files}>To the files</Link>
      </Button>
    </Doorstep>
  )
}
