import { LRUCache } from 'lru-cache'
import type { DenialWatch } from '../denials/denial-watch.ts'
import type { Denials } from '../denials/denials.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid, type Cid } from '../ipfs/cid.ts'
import { readFile, type ReadableNode } from '../ipfs/read-file.ts'
import { readableOf } from '../ipfs/readable-of.ts'
import { resolvePath } from '../ipfs/resolve-path.ts'
import { AppError } from '../lib/errors.ts'
import type { Content } from './find-content.ts'
import type { GatewayRequest } from './read-request.ts'
import {
  cannotParse,
  expandTarget,
  findRedirect,
  maxRedirectsBytes,
  readRedirects,
  type MatchedRule,
  type RedirectRule,
} from './redirects-file.ts'
import { cachingOf, type Reply } from './reply.ts'
import { requirePage } from './require-page.ts'
import { respondFile } from './respond-file.ts'

/** Rules by the CID of their file: what they are never changes. Whether the file may be seen is asked before. */
const known = new LRUCache<string, readonly RedirectRule[]>({ max: 200 })

/**
 * Answers a path that does not exist by the `_redirects` file at the root, where there is one and a rule fits; undefined
 * otherwise. Only for content that has an origin of its own. Throws `redirects_invalid`.
 */
export async function followRedirects(
  { source, denials, watch }: Watched,
  request: GatewayRequest,
  content: Content,
  reply: Reply,
): Promise<number | undefined> {
  if (request.form.kind === 'path' || request.format !== 'any') return undefined
  const file = await findFile(source, content, ['_redirects'], reply)
  if (file === undefined) return undefined
  const matched = findRedirect(await rulesOf(source, file.node, reply), request.segments)
  if (matched === undefined) return undefined
  const { status } = matched.rule
  if (status >= 300 && status < 400) return redirect(request, matched, reply)
  const [path = ''] = expandTarget(matched, (segment) => encodeURIComponent(segment)).split(/[?#]/)
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => decodeURIComponent(segment))
  const found = await findFile(source, content, segments, reply)
  if (found === undefined) {
    if (status === 200) return undefined
    throw new AppError(
      status === 404 ? 'not_found' : status === 410 ? 'gone' : 'unavailable_for_legal_reasons',
      `This path is answered with ${status} by the site's _redirects file.`,
    )
  }
  watch.require(() => requirePage(denials, request, content, found))
  const { node } = found
  return respondFile(source, request, node, { tagCid: node.cid, name: segments.at(-1), status }, reply)
}

interface Watched {
  readonly source: BlockSource
  readonly denials: Pick<Denials, 'requireName' | 'requirePath'>
  readonly watch: DenialWatch
}

/** A file, where it stands, and what the way there leads through. */
interface FoundFile {
  readonly node: ReadableNode
  readonly segments: readonly string[]
  readonly roots: readonly Cid[]
}

async function findFile(
  source: BlockSource,
  { root, leading }: Content,
  segments: readonly string[],
  { signal }: Reply,
): Promise<FoundFile | undefined> {
  const resolved = await resolvePath(source, root, [...leading, ...segments], { signal })
  if (resolved.outcome !== 'found') return undefined
  const { roots } = resolved
  if (resolved.node.kind !== 'directory') {
    const node = readableOf(resolved.node)
    return node && { node, segments, roots }
  }
  const index = await resolvePath(source, resolved.node.cid, ['index.html'], { signal })
  const node = index.outcome === 'found' ? readableOf(index.node) : undefined
  return node && { node, segments: [...segments, 'index.html'], roots }
}

async function rulesOf(source: BlockSource, file: ReadableNode, { signal }: Reply): Promise<readonly RedirectRule[]> {
  const cid = formatCid(file.cid)
  const rules = known.get(cid)
  if (rules !== undefined) return rules
  if (typeof file.size !== 'number') throw file.size
  if (file.size > maxRedirectsBytes) throw cannotParse(`redirects file size cannot exceed ${maxRedirectsBytes} bytes`)
  const pieces: Uint8Array[] = []
  for await (const piece of readFile(source, file, { signal })) pieces.push(piece)
  const read = readRedirects(Buffer.concat(pieces).toString())
  known.set(cid, read)
  return read
}

function redirect(request: GatewayRequest, found: MatchedRule, reply: Reply): number {
  const target = expandTarget(found, (segment) => encodeURIComponent(segment))
  const location = mergeQuery(target, request.query).replace(/^\/{2,}/, '/')
  reply.response
    .writeHead(found.rule.status, { ...reply.headers, ...cachingOf(reply, 'generated'), location: printable(location) })
    .end()
  return 0
}

/** What was asked with the request wins over what the rule says. */
function mergeQuery(target: string, query: string): string {
  if (query.length < 2) return target
  const [, before = '', static_ = '', fragment = ''] = /^([^?#]*)\??([^#]*)(#.*)?$/.exec(target) ?? []
  const merged = new URLSearchParams(static_)
  const asked = new URLSearchParams(query)
  for (const name of new Set(asked.keys())) merged.delete(name)
  for (const [name, value] of asked) merged.append(name, value)
  return `${before}?${merged.toString()}${fragment}`
}

/** What may stand in a header. */
function printable(text: string): string {
  return text.replace(/[^\u0021-\u007e]/gu, (character) => encodeURIComponent(character.toWellFormed()))
}
