import { matchesTag } from '../http/conditional.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
import { listDirectory, type DirectoryEntry } from '../ipfs/list-directory.ts'
import type { DirectoryNode } from '../ipfs/read-node.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, type Reply } from './reply.ts'

/** Part of the entity tag: a changed page is another entity. */
const template = 'p1'
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
  common: Record<string, string>,
  reply: Reply,
): Promise<number> {
  const after = request.parameters['after']
  const etag = `"DirIndex-${template}_CID-${formatCid(node.cid)}${after === undefined ? '' : `_${after.replace(/[^\w.]/g, '')}`}"`
  const headers = { ...common, etag, 'cache-control': cachingOf(reply, 'generated') }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  const { entries, next } = await listDirectory(source, node, { limit: pageEntries, after })
  const body = Buffer.from(renderPage(request, { entries, next, top }))
  reply.response.writeHead(200, {
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.length,
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'",
  })
  reply.response.end(reply.headOnly ? undefined : body)
  return body.length
}

function renderPage(
  request: GatewayRequest,
  { entries, next, top }: { entries: readonly DirectoryEntry[]; next: string | undefined; top: number },
): string {
  const query = carried(request)
  const base = request.path.replace(/\/$/, '')
  const title = `Index of ${['', request.space, formatCid(request.root), ...request.segments].join('/')}`
  const rows = entries.map((entry) => {
    const name = entry.name.toWellFormed()
    return `<tr><td>${linkTo(base, name, query)}</td><td class="cid">${formatCid(entry.cid)}</td><td class="size">${sizeText(entry.tsize)}</td></tr>`
  })
  const parent =
    request.segments.length <= top
      ? ''
      : `<tr><td><a href="${escapeHtml(`${base}/..${query}`)}">..</a></td><td></td><td></td></tr>`
  const more =
    next === undefined
      ? ''
      : `<p><a href="${escapeHtml(`${query === '' ? '?' : `${query}&`}after=${encodeURIComponent(next)}`)}">Next ${pageEntries} entries</a></p>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>
:root { color-scheme: light dark; --ink: #1d2823; --paper: #fbfaf7; --line: #dcdad2; --accent: #1f5c45 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebe8; --paper: #141a17; --line: #2c3631; --accent: #7cc4a4 } }
body { background: var(--paper); color: var(--ink); font: 14px/1.5 ui-sans-serif, system-ui, sans-serif; max-width: 1080px; margin: 32px auto; padding: 0 16px } h1 { font-size: 16px; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse } td { padding: 5px 8px; border-top: 1px solid var(--line); overflow-wrap: anywhere } a { color: var(--accent) }
.cid { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 12px } .size { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
@media (min-width: 1000px) { .cid { white-space: nowrap } } @media (max-width: 600px) { .cid { display: none } }
</style></head><body><h1>${escapeHtml(title)}</h1><table>
${parent}${rows.join('\n')}
</table>${entries.length === 0 ? '<p>This directory is empty.</p>' : ''}${more}</body></html>
`
}

/** What links in a listing carry on: of private files everything but the page. */
function carried({ space, query }: GatewayRequest): string {
  if (space === 'ipfs') return ''
  const kept = query
    .slice(1)
    .split('&')
    .filter((piece) => piece !== '' && !piece.startsWith('after='))
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

/** Browsers take some names for a way, however they are escaped: those are shown and lead nowhere. */
function linkTo(base: string, name: string, query: string): string {
  const shown = escapeHtml(name)
  if (name === '' || name === '.' || name === '..') return shown
  return `<a href="${escapeHtml(`${base}/${encodeURIComponent(name)}${query}`)}">${shown}</a>`
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

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
