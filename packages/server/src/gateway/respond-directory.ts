import { matchesTag } from '../http/conditional.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
import { listDirectory, type DirectoryPage } from '../ipfs/list-directory.ts'
import type { DirectoryNode } from '../ipfs/read-node.ts'
import { escapeHtml, htmlPage, pagePolicy } from './html.ts'
import { breadcrumb, carriedQuery, entryLink, hashLink } from './listing-links.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, sendWhole, type Reply } from './reply.ts'

/** Part of the entity tag: a changed page is another entity. */
const template = 'p2'
/** Entries on one page of a listing. */
const pageEntries = 1_000

/**
 * A plain page that lists a directory, a thousand entries at a time. Children are never read for it. No link leads above
 * the first `top` segments; in private files links carry what was signed.
 */
export async function respondDirectory(
  source: BlockSource,
  request: GatewayRequest,
  { node, top }: { readonly node: DirectoryNode; readonly top: number },
  reply: Reply,
): Promise<number> {
  const after = request.parameters['after']
  const etag = `"DirIndex-${template}_CID-${formatCid(node.cid)}${after === undefined ? '' : `_${after.replace(/[^\w.]/g, '')}`}"`
  const headers = { ...reply.headers, etag, ...cachingOf(reply, 'generated') }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  const page = await listDirectory(source, node, { limit: pageEntries, after })
  const body = Buffer.from(renderPage(request, page, top))
  const described = {
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.length,
    'content-security-policy': pagePolicy,
  }
  sendWhole(reply, 200, described, body)
  return body.length
}

function renderPage(request: GatewayRequest, { entries, next }: DirectoryPage, top: number): string {
  const query = carriedQuery(request)
  const rows = entries.map(({ name: text, cid, tsize }) => {
    const name = text.toWellFormed()
    return `<tr><td>${entryLink(request, name)}</td><td class="cid">${hashLink(request, cid, name)}</td><td class="size">${sizeText(tsize)}</td></tr>`
  })
  const above = `${request.path.replace(/\/$/, '')}/..${query}`
  const parent =
    request.segments.length <= top ? '' : `<tr><td><a href="${escapeHtml(above)}">..</a></td><td></td><td></td></tr>`
  const more =
    next === undefined
      ? ''
      : `<p><a href="${escapeHtml(`${query === '' ? '?' : `${query}&`}after=${encodeURIComponent(next)}`)}">Next ${pageEntries} entries</a></p>`
  return htmlPage(
    `Index of /${[request.space, request.name, ...request.segments].join('/')}`,
    `<h1>Index of ${breadcrumb(request, top)}</h1><table>
${parent}${rows.join('\n')}
</table>${entries.length === 0 ? '<p>This directory is empty.</p>' : ''}${more}`,
  )
}

function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}
