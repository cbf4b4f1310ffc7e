import { LRUCache } from 'lru-cache'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
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
import { respondFile } from './respond-file.ts'

/** Rules by the CID of their file: what they are never changes. Whether the file may be seen is asked before. */
const known = new LRUCache<string, readonly RedirectRule[]>({ max: 200 })

/**
 * Answers a path that does not exist by the `_redirects` file at the root, where there is one and a rule fits; undefined
 * otherwise. Only for content that has an origin of its own. Throws `redirects_invalid`.
 */
export async function followRedirects(
  source: BlockSource,
  request: GatewayRequest,
  content: Content,
  reply: Reply,
): Promise<number | undefined> {
  if (request.form.kind === 'path' || request.format !== 'any') return undefined
  const file = await findFile(source, content, ['_redirects'], reply)
  if (file === undefined) return undefined
  const found = findRedirect(await rulesOf(source, file, reply), request.segments)
  if (found === undefined) return undefined
  const { status } = found.rule
  if (status >= 300 && status < 400) return redirect(request, found, reply)
  const [path = ''] = expandTarget(found, (segment) => encodeURIComponent(segment)).split(/[?#]/)
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map((segment) => decodeURIComponent(segment))
  const page = await findFile(source, content, segments, reply)
  if (page === undefined) {
    if (status === 200) return undefined
    throw new AppError(
      status === 404 ? 'not_found' : status === 410 ? 'gone' : 'unavailable_for_legal_reasons',
      `This path is answered with ${status} by the site's _redirects file.`,
    )
  }
  return respondFile(source, request, page, { tagCid: page.cid, name: segments.at(-1), status }, reply)
}

async function findFile(
  source: BlockSource,
  { root, leading }: Content,
  segments: readonly string[],
  { signal }: Reply,
): Promise<ReadableNode | undefined> {
  const resolved = await resolvePath(source, root, [...leading, ...segments], { signal })
  if (resolved.outcome !== 'found') return undefined
  if (resolved.node.kind !== 'directory') return readableOf(resolved.node)
  const index = await resolvePath(source, resolved.node.cid, ['index.html'], { signal })
  return index.outcome === 'found' ? readableOf(index.node) : undefined
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
