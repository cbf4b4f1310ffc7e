import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { client } from '../../api/client.ts'
import { explain } from '../../api/explain.ts'
import { type FileLink, noticeLinksChanged } from '../../api/links.ts'
import { formatBytes, formatNumber } from '../../lib/format-bytes.ts'
import { paths } from '../../paths.ts'
import { Badge, type Tone } from '../../ui/badge.tsx'
import { Progress } from '../../ui/progress.tsx'
import { RowDeed, Td } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

/** A link in the list; one click ends it. */
export function LinkRow({ link }: { readonly link: FileLink }) {
  const name = nameOf(link)
  return (
    <tr>
      <th scope="row" className="max-w-80 min-w-40 px-3 py-2 text-left align-middle font-medium">
        {link.file === null ? (
          <bdi className="block truncate" title={name}>
            {name}
          </bdi>
        ) : (
          <Link {...paths.file(link.file.id)} dir="auto" title={name} className="block truncate hover:underline">
            {name}
          </Link>
        )}
        <span className="text-muted block text-xs font-normal break-words">{describe(link)}</span>
        <div className="mt-1 flex items-center gap-1 md:hidden">
          <State link={link} />
          <Revoke link={link} />
        </div>
      </th>
      <Td>
        <Uses link={link} />
      </Td>
      <Td className="max-md:hidden">
        {link.lastUsedAt === null ? <span className="text-muted">never</span> : <Ago iso={link.lastUsedAt} />}
      </Td>
      <Td>
        <Ago iso={link.expiresAt} />
      </Td>
      <Td className="max-md:hidden">
        <Ago iso={link.createdAt} />
      </Td>
      <Td className="max-md:hidden">
        <State link={link} />
      </Td>
      <Td className="text-right max-md:hidden">
        <Revoke link={link} />
      </Td>
    </tr>
  )
}

/** In sight on a phone too: there it stands below the name. */
function Revoke({ link }: { readonly link: FileLink }) {
  const revoke = useMutation({
    mutationFn: () => client.call(routes.linksRevoke, { params: { id: link.id } }),
    onSuccess: noticeLinksChanged,
  })
  return (
    <>
      <RowDeed
        isBusy={revoke.isPending}
        disabledBecause={link.state !== 'active' && 'It has ended already.'}
        name={`Revoke the link ${link.kind === 'upload' ? 'for' : 'to'} ${nameOf(link)}`}
        onClick={() => revoke.mutate()}
      >
        Revoke
      </RowDeed>
      {revoke.isError && (
        <p role="alert" className="text-danger text-xs">
          {explain(revoke.error).message}
        </p>
      )}
    </>
  )
}

function nameOf({ kind, file, cid, path, bounds }: FileLink): string {
  if (kind === 'upload') return file?.name ?? bounds?.name ?? 'An upload'
  return [file?.name ?? cid ?? 'A file', ...(path === null || path === '' ? [] : [decodeURIComponent(path)])].join('/')
}

function describe({ kind, network, bounds }: FileLink): string {
  if (kind === 'download') return 'Reads a private file'
  const words = [`Takes one ${network} upload`]
  if (bounds?.maxFileSize != null) words.push(`at most ${formatBytes(bounds.maxFileSize)}`)
  if (bounds?.allowMimeTypes != null) words.push(bounds.allowMimeTypes.join(', '))
  return words.join(', ')
}

function Uses({ link: { kind, uses, maxUses } }: { readonly link: FileLink }) {
  if (maxUses === null || kind === 'upload') return <span className="tabular">{formatNumber(uses)}</span>
  return (
    <div className="flex w-28 flex-col gap-1">
      <span className="tabular whitespace-nowrap">
        {formatNumber(uses)} of {formatNumber(maxUses)}
      </span>
      <Progress label="Uses" share={uses / maxUses} tone={uses >= maxUses ? 'danger' : 'accent'} />
    </div>
  )
}

const tones: Readonly<Record<FileLink['state'], readonly [Tone, string]>> = {
  active: ['ok', 'active'],
  used: ['plain', 'used up'],
  expired: ['warn', 'expired'],
  revoked: ['danger', 'revoked'],
  gone: ['plain', 'file gone'],
}

function State({ link }: { readonly link: FileLink }) {
  const [tone, words] = tones[link.state]
  return <Badge tone={tone}>{words}</Badge>
}
