import { randomBytes } from 'node:crypto'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { askApi } from './ask-api.ts'
import type { ReadyServer } from './console-page.ts'

/** Codecs and hash functions (multicodec table). */
const raw = 0x55
const dagPb = 0x70
const sha256 = 0x12
const identity = 0x00

/** A CID whose content nobody has. */
export function unknownCid(): string {
  return CID.createV1(raw, create(sha256, randomBytes(32))).toString()
}

/** A CID that has its content in itself. */
export function identityCid(text: string): string {
  return CID.createV1(raw, create(identity, new TextEncoder().encode(text))).toString()
}

/** A CID that has its content in itself, which is no node of the codec that it names: pinning it fails at once. */
export function brokenCid(text: string): string {
  return CID.createV1(dagPb, create(identity, new TextEncoder().encode(text))).toString()
}

/** What the API answers about a pin. */
export interface ApiPin {
  readonly id: string
  readonly cid: string
  readonly name: string
  readonly status: string
  readonly keyvalues: Readonly<Record<string, string>>
  readonly origins: readonly string[]
  /** Null before the first attempt. */
  readonly deadlineAt: string | null
}

/** Asks for a pin by CID, as a program would. Answers its id. */
export async function pinByApi(
  server: ReadyServer,
  cid: string,
  name: string,
  more: { readonly keyvalues?: Record<string, string>; readonly host_nodes?: readonly string[] } = {},
): Promise<string> {
  const { data } = await askApi<{ data: { id: string } }>(server, 'POST', '/v3/files/public/pin_by_cid', {
    cid,
    name,
    ...more,
  })
  return data.id
}

/** The pins of the account whose name holds a text, newest first, by the API. */
export async function listPinsByApi(server: ReadyServer, name: string): Promise<readonly ApiPin[]> {
  const query = new URLSearchParams({ name, limit: '1000' })
  return (await askApi<{ pins: readonly ApiPin[] }>(server, 'GET', `/pinyon/v1/pins?${query.toString()}`)).pins
}
