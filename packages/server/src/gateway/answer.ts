import { DenialWatch } from '../denials/denial-watch.ts'
import type { Denials } from '../denials/denials.ts'
import type { BlockSource } from '../ipfs/block.ts'
import { formatCid } from '../ipfs/cid.ts'
import type { ReadableNode } from '../ipfs/read-file.ts'
import { readableOf } from '../ipfs/readable-of.ts'
import { resolvePath, type Resolved } from '../ipfs/resolve-path.ts'
import type { WalkBounds } from '../ipfs/walk-dag.ts'
import type { RequireShown } from '../ipfs/write-tar.ts'
import { AppError } from '../lib/errors.ts'
import type { Content } from './find-content.ts'
import { followRedirects } from './follow-redirects.ts'
import type { PrivateView } from './open-private.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, type Reply } from './reply.ts'
import { requirePage } from './require-page.ts'
import { respondBlock } from './respond-block.ts'
import { respondCar } from './respond-car.ts'
import { otherCodec, respondData } from './respond-data.ts'
import { respondDirectory } from './respond-directory.ts'
import { respondFile } from './respond-file.ts'
import { respondImage, type ImageView } from './respond-image.ts'
import { respondPreview } from './respond-preview.ts'
import { respondTar } from './respond-tar.ts'

/** What a request may read: everything that is public, or what a link shows. */
export type View = {
  readonly source: BlockSource
  readonly making?: ImageView
  readonly denials: Pick<Denials, 'version' | 'requireName' | 'requirePath' | 'requireReadable'>
  /** Of what is walked to its end. */
  readonly bounds?: WalkBounds
} & Partial<PrivateView>
type Watched = View & { readonly watch: DenialWatch }
type Found = Extract<Resolved, { outcome: 'found' }>

/** Said of what is absent, and of what is not public: nobody can tell one from the other. */
export const notHeld = 'This content is not here: no public pin of this server holds it.'

/** Answers with what a path leads to, in the form that was asked for. The number of bytes sent. */
export async function answerContent(
  shown: View,
  request: GatewayRequest,
  content: Content,
  begun: Reply,
): Promise<number> {
  const { denials } = shown
  const watch = new DenialWatch(denials)
  const source = watch.over(shown.source)
  const view = { ...shown, source, watch }
  const reply = { ...begun, requireShown: () => watch.requireShown() }
  const { root, leading } = content
  const segments = withLeading(leading, request.segments)
  watch.require(() => denials.requirePath(root, segments))
  const resolved = await resolvePath(source, root, segments, { signal: reply.signal })
  if (resolved.outcome === 'missing') {
    const sent = await followRedirects(view, request, content, reply)
    if (sent !== undefined) return sent
  }
  const found = requireFound(resolved, request, leading.length)
  // A list may name a path by any CID that it leads through.
  watch.require(() => {
    for (const [i, cid] of found.roots.entries()) if (i > 0) denials.requirePath(cid, segments.slice(i))
  })
  const told = { ...reply, headers: { ...reply.headers, ...toldOf(found, request, content) } }
  const isFolder = request.format === 'any' && found.node.kind === 'directory'
  if (isFolder && !request.trailingSlash) return redirectToFolder(request, told)
  await view.count?.()
  return respond(view, request, { ...found, root, leading }, told)
}

function withLeading(leading: readonly string[], segments: readonly string[]): readonly string[] {
  return leading.length === 0 ? segments : [...leading, ...segments]
}

function respond(
  view: Watched,
  request: GatewayRequest,
  found: Found & Pick<Content, 'root' | 'leading'>,
  reply: Reply,
): Promise<number> | number {
  const { source } = view
  const { node } = found
  switch (request.format) {
    case 'raw':
      return respondBlock(request, node, reply)
    case 'car':
      return respondCar(source, request, shownOf(view, found), reply, view.bounds)
    case 'tar':
      return respondTar(source, request, { node, requireShown: shownIn(view, request, found) }, reply)
    default:
      break
  }
  switch (node.kind) {
    case 'dag-json':
    case 'dag-cbor':
    case 'json':
    case 'cbor':
      return request.prefersHtml && !request.download && node.kind.startsWith('dag')
        ? respondPreview(request, node, reply)
        : respondData(request, node, reply)
    case 'directory':
      if (request.format !== 'any') throw otherCodec(request, node)
      return respondFolder(view, request, { ...found, node }, reply)
    case 'file':
    case 'raw':
    case 'symlink': {
      if (request.format.startsWith('dag')) throw otherCodec(request, node)
      const name = request.segments.at(-1) ?? view.name
      return respondReadable(view, request, { node, name }, reply)
    }
    case 'other':
      throw new AppError(
        'not_acceptable',
        'This is neither a file nor a directory. Ask for it with format=raw or format=car.',
      )
  }
}

/** For what stands in an archive: what is taken down by itself, or named by a list as part of a path. */
function shownIn(
  { denials }: View,
  { segments }: GatewayRequest,
  { root, node }: Found & Pick<Content, 'root'>,
): RequireShown {
  return (multihash, below) => {
    denials.requireReadable(multihash)
    if (below.length === 0) return
    denials.requirePath(root, [...segments, ...below])
    denials.requirePath(node.cid, below)
  }
}

async function respondReadable(
  { source, making }: View,
  request: GatewayRequest,
  { node, name }: { node: ReadableNode; name: string | undefined },
  reply: Reply,
): Promise<number> {
  if (making?.images.isOn === true && request.query.includes('img-')) {
    const sent = await respondImage(making, request, { node, name }, reply)
    if (sent !== undefined) return sent
  }
  return respondFile(source, request, node, { tagCid: node.cid, name }, reply)
}

/** Blocks on the way from the root would tell of what lies beside what a link shows. */
function shownOf({ top = 0 }: View, found: Found & Pick<Content, 'root'>) {
  return top > 0 ? { ...found, root: found.node.cid, pathBlocks: [] } : found
}

/** `X-Ipfs-Path`, and in `X-Ipfs-Roots` one CID for each logical segment, beginning with what a name led to. */
function toldOf(found: Found, request: GatewayRequest, { leading }: Content): Record<string, string> {
  return {
    ...(request.space === 'files'
      ? {}
      : {
          'x-ipfs-path': request.contentPath,
          'x-ipfs-roots': found.roots
            .slice(leading.length)
            .map((cid) => formatCid(cid))
            .join(','),
        }),
    // Under one address Accept decides, unless the address says the format: caches must not mix the two.
    ...(request.parameters['format'] ? {} : { vary: 'Accept' }),
  }
}

/** A directory stands under an address that ends in a slash, or links in it would lead elsewhere. */
function redirectToFolder(request: GatewayRequest, reply: Reply): number {
  const location = `${request.path}/${request.query}`
  reply.response.writeHead(301, { ...reply.headers, location, ...cachingOf(reply, 'generated') }).end()
  return 0
}

/** A directory: its index.html when it has one, else a listing. */
async function respondFolder(
  { source, denials, watch, top = 0 }: Watched,
  request: GatewayRequest,
  {
    node,
    root,
    leading,
    roots,
  }: Pick<Found, 'roots'> & Pick<Content, 'root' | 'leading'> & { node: Extract<Found['node'], { kind: 'directory' }> },
  reply: Reply,
): Promise<number> {
  const index = await resolvePath(source, node.cid, ['index.html'], { signal: reply.signal })
  const page = index.outcome === 'found' ? readableOf(index.node) : undefined
  if (page === undefined) return respondDirectory(source, request, { node, top }, reply)
  const segments = [...request.segments, 'index.html']
  watch.require(() => requirePage(denials, request, { root, leading }, { roots, segments }))
  return respondFile(source, request, page, { tagCid: node.cid, name: 'index.html' }, reply)
}

/** Absent and not visible for this caller are the same. */
function requireFound(resolved: Resolved, request: GatewayRequest, leading: number): Found {
  switch (resolved.outcome) {
    case 'found':
      return resolved
    case 'missing':
      throw new AppError(
        'not_found',
        `There is no "${resolved.missing.slice(0, 200)}" in this path (segment ${resolved.index - leading + 1}).`,
      )
    case 'value':
      throw new AppError('not_supported', 'The path ends inside a block, on a value that is no link.')
    case 'absent':
      if (isCachedOnly(request)) throw new AppError('precondition_failed', 'This content is not here.')
      throw new AppError(
        'not_found',
        request.space === 'files' ? 'This content is not whole here. The operator is told in the log.' : notHeld,
      )
  }
}

/** `Cache-Control: only-if-cached`: nobody is asked for it (https://specs.ipfs.tech/http-gateways/path-gateway/#only-if-cached). */
export function isCachedOnly({ headers }: Pick<GatewayRequest, 'headers'>): boolean {
  return /\bonly-if-cached\b/.test(headers['cache-control'] ?? '')
}
