import { randomBytes } from 'node:crypto'
import { MemoryBlocks } from '../../src/ipfs/memory-blocks.ts'
import { formatCid } from '../../src/ipfs/cid.ts'
import { importFile } from '../../src/ipfs/import-file.ts'
import { layoutV1, type Layout } from '../../src/ipfs/layout.ts'
import type { Answered, KeyValues, TestApp } from './app.ts'

type Headers = Record<string, string>

/** `Upload-Metadata` of these values, as UTF-8. */
export function metadataOf(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`.trim())
    .join(',')
}

/** Begins an upload as tus-js-client does; `headers` beside or instead of the usual ones. */
export function begin(
  app: TestApp,
  key: KeyValues | string | undefined,
  length: number,
  {
    metadata = { filename: 'a.bin' },
    headers = {},
    body,
  }: { metadata?: Record<string, string>; headers?: Headers; body?: Uint8Array<ArrayBuffer> } = {},
): Promise<Answered> {
  return app.ask('POST', '/v3/files', {
    key,
    ...(body === undefined ? {} : { body }),
    headers: {
      'tus-resumable': '1.0.0',
      'upload-length': String(length),
      'upload-metadata': metadataOf(metadata),
      ...headers,
    },
  })
}

/** Begins an upload and gives its path and id. */
export async function begun(...args: Parameters<typeof begin>): Promise<{ path: string; id: string }> {
  const { status, headers, body } = await begin(...args)
  if (status !== 201) throw new Error(`the upload began with ${status}: ${JSON.stringify(body)}`)
  const path = new URL(String(headers.get('location'))).pathname
  return { path, id: String(path.split('/').at(-2)) }
}

/** Sends a chunk. */
export function patch(
  app: TestApp,
  key: KeyValues | string | undefined,
  path: string,
  offset: number,
  bytes: Uint8Array | string,
  headers: Headers = {},
): Promise<Answered> {
  return app.ask('PATCH', path, {
    key,
    body: typeof bytes === 'string' ? bytes : new Uint8Array(bytes),
    headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset), ...headers },
  })
}

/** Where an upload stands. */
export async function offsetOf(app: TestApp, key: KeyValues, path: string): Promise<number> {
  const { status, headers } = await app.ask('HEAD', path, { key, headers: { 'tus-resumable': '1.0.0' } })
  if (status !== 200) throw new Error(`HEAD answered ${status}`)
  return Number(headers.get('upload-offset'))
}

/** The CID that bytes have. */
export async function cidOf(bytes: Uint8Array, layout: Layout = layoutV1): Promise<string> {
  return formatCid((await importFile([bytes], new MemoryBlocks(), layout)).cid)
}

/** Bytes that nobody has uploaded before. */
export function freshBytes(count: number): Buffer {
  return randomBytes(count)
}
