import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { Link } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import { paths } from '../../paths.ts'
import { UploadInputs } from '../../shell/upload-inputs.tsx'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Empty } from '../../ui/empty.tsx'

/** No file yet: what will stand here, and two ways to bring the first one. */
export function NoFiles({ network }: { readonly network: NetworkName }) {
  const form = [
    ['network', network],
    ['file', '@photo.jpg'],
  ] as const
  return (
    <Empty
      title={network === 'public' ? 'No public files yet' : 'No private files yet'}
      action={<UploadInputs look="primary" />}
    >
      <p>
        {network === 'public'
          ? 'Anyone on the IPFS network can read what stands here.'
          : 'What stands here is stored here only; read by link.'}{' '}
        Drop files or folders anywhere on this page, choose them below, or send them from a terminal:
      </p>
      <Code label="command" text={toCurl(routes.filesUpload, { form })} />
      {network === 'public' && (
        <p>
          What was uploaded as private stands under{' '}
          <Link {...paths.filesBy({ network: 'private' })} className="text-accent underline">
            Private
          </Link>
          .
        </p>
      )}
    </Empty>
  )
}

/** Files there may be, but none that the filters let through. */
export function NoMatch({ network }: { readonly network: NetworkName }) {
  return (
    <Empty
      title="No file matches"
      action={
        <Button asChild>
          <Link {...paths.filesBy({ network })}>Show all {network} files</Link>
        </Button>
      }
    >
      <p>Names are searched for the text anywhere in them; a CID and key-values have to be the same.</p>
    </Empty>
  )
}
