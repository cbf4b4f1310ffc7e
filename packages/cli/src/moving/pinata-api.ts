import type { Keyvalues } from './keyvalues.ts'
import { answeredBadly, askElsewhere, type Asking, jsonOf } from './ask-elsewhere.ts'
import { SourceFailed } from './import-item.ts'

/** Where Pinata is, and as whom it is asked. */
export interface PinataAt extends Asking {
  readonly api: string
  readonly jwt: string
}

/** A file as the v3 list has it, as far as it is read here. */
export interface PinataFile {
  readonly id: string
  readonly name: string | null
  readonly cid: string
  readonly mime_type: string | null
  readonly group_id: string | null
  readonly keyvalues: Keyvalues | null
  readonly created_at: string
  readonly expires_at?: string | null
}

/** A row of pinList, as far as it is read here. */
export interface PinataPin {
  readonly id: string
  readonly ipfs_pin_hash: string
  readonly date_pinned: string
  readonly metadata: { readonly name: string | null; readonly keyvalues: Keyvalues | null } | null
  readonly mime_type?: string | null
}

const pageSize = 1_000

/** All files of a network by the v3 list. */
export async function* listPinataFiles(at: PinataAt, network: 'public' | 'private'): AsyncGenerator<PinataFile> {
  yield* pages<PinataFile>(at, `/v3/files/${network}`, 'files')
}

/** Groups of a network: names by id. */
export async function listPinataGroups(at: PinataAt, network: 'public' | 'private'): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for await (const { id, name } of pages<{ id: string; name: string }>(at, `/v3/groups/${network}`, 'groups'))
    names.set(id, name)
  return names
}

/** All pinned files by pinList, which pages by offset and knows files that are older than v3. */
export async function* listPinataPins(at: PinataAt): AsyncGenerator<PinataPin> {
  const seen = new Set<string>()
  for (let offset = 0; ;) {
    const { rows } = await getJson<{ rows: PinataPin[] | null }>(
      at,
      `/data/pinList?status=pinned&includeCount=false&pageLimit=${pageSize}&pageOffset=${offset}`,
      (found) => 'rows' in found && isList(found.rows),
    )
    // What was pinned meanwhile moves others to the next page: they come twice, and are passed over.
    const fresh = (rows ?? []).filter(({ id }) => !seen.has(id))
    for (const { id } of fresh) seen.add(id)
    yield* fresh
    if (rows === null || rows.length === 0 || fresh.length === 0) return
    offset += rows.length
  }
}

/** An address under which a private file can be read for a while. */
export async function makePinataLink(at: PinataAt, url: string): Promise<string> {
  const body = JSON.stringify({ url, date: Math.floor(Date.now() / 1_000), expires: 3_600, method: 'GET' })
  const { data } = await getJson<{ data: string }>(at, '/v3/files/private/download_link', isText, {
    method: 'POST',
    body,
  })
  return data
}

/** The first gateway of the account; undefined when the key may not list them, or there is none. */
export async function findPinataGateway(at: PinataAt): Promise<string | undefined> {
  try {
    const { data } = await getJson<{ data: { rows: { domain: string }[] | null } }>(
      at,
      '/v3/ipfs/gateways',
      ({ data: found }) => found != null && isList(found.rows),
    )
    const [first] = data.rows ?? []
    return first === undefined ? undefined : `https://${first.domain}.mypinata.cloud`
  } catch (error) {
    if (error instanceof SourceFailed) return undefined
    throw error
  }
}

async function* pages<T>(at: PinataAt, path: string, list: string): AsyncGenerator<T> {
  for (let token: string | undefined; ;) {
    const query = new URLSearchParams({ limit: String(pageSize), ...(token === undefined ? {} : { pageToken: token }) })
    const { data } = await getJson<{ data: Record<string, unknown> }>(
      at,
      `${path}?${query.toString()}`,
      ({ data: found }) => found != null && isList(found[list]),
    )
    const rows = (data[list] ?? []) as T[] // null was seen for none
    yield* rows
    const next = data['next_page_token']
    if (typeof next !== 'string' || next === '' || rows.length === 0) return
    token = next
  }
}

/** Lists without a row were seen as null. */
function isList(value: unknown): boolean {
  return value == null || Array.isArray(value)
}

function isText({ data }: { readonly data?: unknown }): boolean {
  return typeof data === 'string'
}

async function getJson<T>(
  at: PinataAt,
  path: string,
  isWanted: (value: Partial<T>) => boolean,
  init: RequestInit = {},
): Promise<T> {
  const headers = { authorization: `Bearer ${at.jwt}`, 'content-type': 'application/json' }
  const answer = await askElsewhere(`${at.api}${path}`, { ...init, headers }, at)
  if (!answer.ok) throw await answeredBadly(answer, at)
  return jsonOf(answer, isWanted) // the rest of its shape is Pinata's promise; what is absent is looked for where it is read
}
