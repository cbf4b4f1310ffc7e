import { contentDisposition } from '../http/disposition.ts'
import { matchesTag } from '../http/conditional.ts'
import { imageFormatOf, type ImageFormat } from '../images/image-options.ts'
import { tagOfOptions, type Images } from '../images/images.ts'
import { formatCid } from '../ipfs/cid.ts'
import type { SizedBlockSource } from '../ipfs/find-block.ts'
import { readFile, type ReadableNode } from '../ipfs/read-file.ts'
import { AppError } from '../lib/errors.ts'
import { readImageOptions, type ImageRequest } from './read-image-options.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, type Reply } from './reply.ts'
import { sendBytes } from './send-bytes.ts'

/** Where images are made, and for whom: see `ImageWish`. */
export interface ImageView {
  readonly images: Images
  readonly source: SizedBlockSource
  readonly scope: string
  readonly share: string
}

interface Original {
  readonly node: ReadableNode
  readonly name: string | undefined
}

/**
 * Sends an image as the `img-` options of the query wish it; undefined when there are none, or when this is no image that
 * can be changed: then it is sent as any file. Throws what `Images.make` does, unless the original is to stand for it.
 */
export async function respondImage(
  view: ImageView,
  request: GatewayRequest,
  { node, name }: Original,
  reply: Reply,
): Promise<number | undefined> {
  if (request.format !== 'any' || node.kind === 'symlink') return undefined
  const wish = readImageOptions(request.parameters, request.headers.accept)
  if (wish === undefined) return undefined
  const cid = formatCid(node.cid)
  const headers = {
    ...cachingOf(reply, 'content'),
    ...(wish.byAccept ? { vary: 'Accept' } : {}),
  }
  const etag = `"${cid}.img-${tagOfOptions(wish.options)}"`
  // Who names the tag has had the image: nothing is made to tell them so.
  const { 'if-none-match': known } = request.headers
  if (known !== undefined && known.trim() !== '*' && matchesTag(known, etag)) {
    reply.response.writeHead(304, { ...reply.headers, ...headers, etag }).end()
    return 0
  }
  if (!(await isImage(view.source, node, reply.signal))) return undefined
  let made
  try {
    made = await view.images.make({ ...view, node, options: wish.options, signal: reply.signal })
  } catch (error) {
    return orOriginal(error, wish, request, reply)
  }
  const { bytes, format } = made
  return sendBytes(
    request,
    {
      size: bytes.length,
      etag,
      type: () => `image/${format}`,
      open: (range) => oneOf(range === undefined ? bytes : bytes.subarray(range.start, range.end)),
      headers: { ...headers, ...dispositionOf(request, { format, name: name ?? cid }) },
    },
    // What was made is kept, and asked about, where it was made.
    { ...reply, keep: undefined },
  )
}

async function isImage(source: SizedBlockSource, node: ReadableNode, signal: AbortSignal): Promise<boolean> {
  const head: Uint8Array[] = []
  for await (const piece of readFile(source, node, { range: { start: 0, end: 12 }, signal })) head.push(piece)
  return imageFormatOf(Buffer.concat(head)) !== undefined
}

/** `img-onerror=redirect`. A link for private files is good for the address that was signed only: there the original comes at once. */
function orOriginal(error: unknown, { orOriginal: isWished }: ImageRequest, request: GatewayRequest, reply: Reply) {
  if (!isWished || !(error instanceof AppError) || !ofTheImage.has(error.code)) throw error
  if (request.space === 'files') return undefined
  const query = request.query
    .slice(1)
    .split('&')
    .filter((part) => !/^img-/i.test(decoded(part)))
    .join('&')
  const location = `${request.path}${query === '' ? '' : `?${query}`}`
  reply.response.writeHead(302, { ...reply.headers, location, ...cachingOf(reply, 'error') }).end()
  return 0
}

const ofTheImage = new Set<string>(['unsupported_media_type', 'too_large', 'unavailable'])

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // no name of ours
  }
}

/** The name says what the file has become. */
function dispositionOf(
  { download, filename }: GatewayRequest,
  { format, name }: { format: ImageFormat; name: string },
): Record<string, string> {
  if (!download && filename === undefined) return {}
  const ending = format === 'jpeg' ? /\.jpe?g$/i : new RegExp(`\\.${format}$`, 'i')
  const saved =
    filename ?? (ending.test(name) ? name : `${name.replace(/\.(jpe?g|png|gif|webp|avif)$/i, '')}.${format}`)
  return { 'content-disposition': contentDisposition(download ? 'attachment' : 'inline', saved) }
}

function oneOf(bytes: Uint8Array): { next(): Uint8Array | undefined } {
  let left: Uint8Array | undefined = bytes
  return {
    next() {
      const piece = left
      left = undefined
      return piece
    },
  }
}
