import { decode as decodeCbor } from '@ipld/dag-cbor'
import { decode as decodeJson } from '@ipld/dag-json'
import { matchesTag } from '../http/conditional.ts'
import { formatCid, parseCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import { escapeHtml, htmlPage, pagePolicy } from './html.ts'
import { breadcrumb, carriedQuery } from './listing-links.ts'
import type { GatewayRequest } from './read-request.ts'
import { cachingOf, type Reply } from './reply.ts'
import type { DataNode } from './respond-data.ts'

/** Part of the entity tag: a changed page is another entity. */
const template = 'p1'
/** What is larger or deeper is only offered to be saved: decoding it would keep others waiting. */
const maxShownBytes = 64 * 1024
const maxShownDepth = 64

/** A page for people that shows structured data, with its links to be followed. Nothing of it is read but the block. */
export function respondPreview(request: GatewayRequest, node: DataNode, reply: Reply): number {
  const etag = `"DagIndex-${template}_CID-${formatCid(node.cid)}"`
  const headers = { ...reply.headers, etag, ...cachingOf(reply, 'generated') }
  if (matchesTag(request.headers['if-none-match'], etag)) {
    reply.response.writeHead(304, headers).end()
    return 0
  }
  const body = Buffer.from(renderPage(request, node))
  reply.response.writeHead(200, {
    ...headers,
    'content-type': 'text/html; charset=utf-8',
    'content-length': body.length,
    'content-security-policy': pagePolicy,
  })
  reply.response.end(reply.headOnly ? undefined : body)
  return body.length
}

function renderPage(request: GatewayRequest, node: DataNode): string {
  const query = carriedQuery(request)
  const join = query === '' ? '?' : `${query}&`
  const shown = shownData(request, node)
  return htmlPage(
    `${node.kind} ${formatCid(node.cid)}`,
    `<h1>${breadcrumb(request, 0)}</h1><p>${node.kind}, ${node.block.length} bytes. <a href="${escapeHtml(`${join}format=${node.kind}`)}" download>Download</a>, or <a href="${escapeHtml(`${join}format=raw`)}" download>the block as it is</a>.</p>${
      shown === undefined ? '<p>It is too large or too deep to be shown here.</p>' : `<pre>${shown}</pre>`
    }`,
  )
}

function shownData(request: GatewayRequest, { kind, block }: DataNode): string | undefined {
  if (block.length > maxShownBytes) return undefined
  try {
    const value: unknown = kind.endsWith('json') ? decodeJson(block) : decodeCbor(block)
    return render(value, { depth: 0, links: request.form.kind === 'path' && request.space !== 'files' })
  } catch {
    return undefined // malformed, or deeper than a decoder goes: it can still be saved
  }
}

function render(value: unknown, at: { depth: number; links: boolean }): string {
  if (at.depth > maxShownDepth) throw new AppError('too_large', 'too deep')
  const below = { ...at, depth: at.depth + 1 }
  const indent = '  '.repeat(below.depth)
  const closing = '  '.repeat(at.depth)
  if (value instanceof Uint8Array)
    return escapeHtml(
      `bytes(${value.length}) ${Buffer.from(value.subarray(0, 64)).toString('hex')}${value.length > 64 ? '…' : ''}`,
    )
  if (isLink(value)) {
    const cid = formatCid(parseCid(String(value)))
    return at.links ? `<a href="/ipfs/${cid}">${cid}</a>` : cid
  }
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    return `[\n${value.map((each) => `${indent}${render(each, below)}`).join(',\n')}\n${closing}]`
  }
  if (typeof value === 'object' && value !== null) {
    const lines = Object.entries(value).map(
      ([key, each]) => `${indent}${escapeHtml(JSON.stringify(key))}: ${render(each, below)}`,
    )
    return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n${closing}}`
  }
  return escapeHtml(typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? String(value)))
}

/** Links are decoded to CIDs of the library that the codecs use. */
function isLink(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'asCID' in value
}
