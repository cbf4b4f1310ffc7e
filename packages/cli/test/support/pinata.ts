import { createHmac } from 'node:crypto'
import { type Asked, json, type Said, serve } from './serve.ts'

/** A file as the account at the stand-in has it. */
export interface PinataFile {
  readonly id: string
  readonly cid: string
  readonly name: string | null
  readonly network: 'public' | 'private'
  readonly created_at: string
  readonly mime_type?: string
  readonly group_id?: string | null
  readonly keyvalues?: Record<string, string | number | boolean> | null
  readonly expires_at?: string | null
  /** Older than v3: pinList has it, the v3 list has not. */
  readonly isOld?: boolean
}

/** What a gateway gives for a CID. */
export interface PinataContent {
  readonly car?: Uint8Array
  readonly bytes?: Uint8Array
}

/** How the stand-in behaves. */
export interface PinataOptions {
  readonly files: readonly PinataFile[]
  readonly content: Map<string, PinataContent>
  readonly groups?: Record<string, string>
  /** What is answered in place of groups. */
  groupsStatus?: number
  /** Rows of one page at most, whatever is asked for. */
  readonly pageRows?: number
  /** Requests of a list that are answered by 429 first. */
  tooMany?: number
  /** The gateway passes over `format=car`. */
  readonly knowsNoCars?: boolean
}

/** Three parts, as every JWT has. */
export const pinataJwt = 'eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQ.c2lnbmF0dXJl'

/**
 * Pinata as `pinata-api.md` describes it, sections 8.1, 12, 14, 15.1, 16: both lists, groups, gateways, download links
 * and a gateway. Written by hand from these pages; it claims nothing beyond them.
 */
export async function startPinata(options: PinataOptions) {
  const sign = (url: string) => createHmac('sha256', 'secret').update(url).digest('hex')
  const answerApi = ({ url, body }: Asked): Said => {
    const path = url.pathname
    if (path === '/data/pinList') return pinList(options, url)
    const [, kind, network] = /^\/v3\/(files|groups)\/(public|private)$/.exec(path) ?? []
    if (kind === 'files') return listFiles(options, network ?? '', url)
    if (kind === 'groups' && options.groupsStatus !== undefined)
      return json({ error: { message: 'not for you' } }, options.groupsStatus)
    if (kind === 'groups') {
      const groups = Object.entries(options.groups ?? {}).map(([id, name]) => ({ id, name, is_public: false }))
      return json({ data: { groups, next_page_token: '' } })
    }
    if (path === '/v3/ipfs/gateways') return json({ data: { count: 0, rows: [] } })
    if (path !== '/v3/files/private/download_link') return json({ error: { code: 404, message: 'no such route' } }, 404)
    const wish = JSON.parse(body) as { url: string; date: number; expires: number; method: string } // as section 14 has it
    const query = `X-Algorithm=PINATA1&X-Date=${wish.date}&X-Expires=${wish.expires}&X-Method=${wish.method}`
    const plain = `${wish.url}${wish.url.includes('?') ? '&' : '?'}${query}`
    return json({ data: `${plain}&X-Signature=${sign(plain.slice(plain.indexOf('/files/')))}` })
  }
  return serve((asked) => {
    const { pathname, search } = asked.url
    if (pathname.startsWith('/ipfs/')) return gateway(options, asked.url, 'public')
    if (pathname.startsWith('/files/')) {
      const [plain, signature] = `${pathname}${search}`.split('&X-Signature=')
      return sign(plain ?? '') === signature
        ? gateway(options, asked.url, 'private')
        : { status: 403, body: 'ERR_ID:00024' }
    }
    if (asked.headers.authorization !== `Bearer ${pinataJwt}`)
      return json({ error: { reason: 'INVALID_CREDENTIALS', details: 'Invalid/expired credentials' } }, 401)
    if ((options.tooMany ?? 0) > 0) {
      options.tooMany = (options.tooMany ?? 0) - 1
      return { ...json({ error: 'slow down' }, 429), headers: { 'retry-after': '1' } }
    }
    return answerApi(asked)
  })
}

function listFiles({ files, pageRows = 1_000 }: PinataOptions, network: string, url: URL): Said {
  const all = files.filter((file) => file.network === network && file.isOld !== true)
  const token = url.searchParams.get('pageToken')
  const from = token === null ? 0 : all.findIndex(({ id }) => id === Buffer.from(token, 'base64').toString()) + 1
  const count = Math.min(pageRows, Number(url.searchParams.get('limit') ?? 10))
  const rows = all.slice(from, from + count)
  const last = rows.at(-1)
  return json({
    data: {
      files: rows.map(({ isOld: _isOld, network: _network, ...file }) => ({
        size: 1,
        number_of_files: 1,
        mime_type: 'text/plain',
        group_id: null,
        expires_at: null,
        ...file,
        keyvalues: Object.fromEntries(Object.entries(file.keyvalues ?? {}).map(([key, value]) => [key, String(value)])),
      })),
      next_page_token: from + count < all.length && last !== undefined ? Buffer.from(last.id).toString('base64') : null,
    },
  })
}

function pinList({ files, pageRows = 1_000 }: PinataOptions, url: URL): Said {
  const from = Number(url.searchParams.get('pageOffset') ?? 0)
  const count = Math.min(pageRows, Number(url.searchParams.get('pageLimit') ?? 10))
  const pins = files.filter(({ network, cid }) => network === 'public' && cid !== 'pending')
  return json({
    rows: pins.slice(from, from + count).map((file) => ({
      id: file.id,
      ipfs_pin_hash: file.cid,
      size: 1,
      user_id: 'u',
      date_pinned: file.created_at,
      date_unpinned: null,
      metadata: { name: file.name, keyvalues: file.keyvalues ?? null },
      regions: [{ regionId: 'FRA1', currentReplicationCount: 1, desiredReplicationCount: 1 }],
      mime_type: file.mime_type ?? 'text/plain',
      number_of_files: 1,
    })),
  })
}

function gateway({ files, content, knowsNoCars }: PinataOptions, url: URL, network: string): Said {
  const cid = url.pathname.split('/')[2] ?? ''
  const isOurs = files.some((file) => file.cid === cid && file.network === network)
  const { car, bytes } = content.get(cid) ?? {}
  if (!isOurs) return { status: 403, body: 'ERR_ID:00006' }
  const asCar = url.searchParams.get('format') === 'car' && knowsNoCars !== true
  if (asCar && car !== undefined)
    return { headers: { 'content-type': 'application/vnd.ipld.car; version=1' }, body: car }
  if (bytes !== undefined) return { headers: { 'content-type': 'application/octet-stream' }, body: bytes }
  return { headers: { 'content-type': 'text/html' }, body: '<title>a folder</title>' }
}
