import { createHash, randomBytes } from 'node:crypto'
import { ask, type Outcome } from './ask.ts'
import { changePin, findPinViolations, type TriedPin } from './pin-history.ts'
import type { KeyValues } from './server.ts'

/** An upload that was tried: what it should read back as, and whether it was answered. */
export interface TriedUpload {
  readonly digest: string
  readonly bytes: Buffer
  readonly how: 'v3' | 'pinFile' | 'pinJSON' | 'folder'
  outcome: Outcome
  cid?: string
  id?: string
  /** What the refusal said. */
  refusal?: string
  /** Set when an unpin was tried. */
  unpin?: Outcome
}

/** A key that was made, and perhaps revoked. */
export interface TriedKey {
  readonly values: KeyValues
  revoke?: Outcome
}

/** Everything this process asked of a server and what came back, over all its lives. */
export class History {
  readonly uploads: TriedUpload[] = []
  readonly keys: TriedKey[] = []
  readonly pins: TriedPin[] = []
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Sends requests until the signal, one after another, writing down what happened. */
export async function applyLoad(
  apiUrl: string,
  admin: KeyValues,
  history: History,
  seed: number,
  signal: AbortSignal,
): Promise<void> {
  let state = seed
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
  const headers = { authorization: `Bearer ${admin.JWT}` }
  while (!signal.aborted) {
    const choice = random(13)
    if (choice < 7)
      await upload(
        apiUrl,
        headers,
        history,
        ['v3', 'pinFile', 'pinJSON', 'folder'][random(4)] as TriedUpload['how'],
        random,
      ) // index in bounds
    else if (choice < 9) await unpinOne(apiUrl, headers, history, random)
    else if (choice < 10) await makeOrRevokeKey(apiUrl, headers, history, random)
    else await changePin({ apiUrl, headers, pins: history.pins }, random)
  }
}

async function upload(
  apiUrl: string,
  headers: Record<string, string>,
  history: History,
  how: TriedUpload['how'],
  random: (below: number) => number,
): Promise<void> {
  const json = how === 'pinJSON'
  const content = json
    ? Buffer.from(JSON.stringify({ nonce: randomBytes(12).toString('hex'), pad: 'x'.repeat(random(3_000)) }))
    : randomBytes(1 + random(random(4) === 0 ? 3_000_000 : 20_000))
  const tried: TriedUpload = { digest: sha256(content), bytes: content, how, outcome: 'unknown' }
  history.uploads.push(tried)
  const form = new FormData()
  const blob = new Blob([new Uint8Array(content)])
  if (how === 'folder')
    for (const name of ['a.bin', 'sub/b.bin', 'sub/c.bin'])
      form.append('file', name === 'a.bin' ? blob : new Blob([`${tried.digest}${name}`]), `root/${name}`)
  else form.append('file', blob, 'one.bin')
  if (how === 'v3') form.append('network', 'public')
  const request: RequestInit = json
    ? { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: content.toString() }
    : { method: 'POST', headers, body: form }
  const path = how === 'v3' ? '/v3/files' : json ? '/pinning/pinJSONToIPFS' : '/pinning/pinFileToIPFS'
  const answer = await ask(`${apiUrl}${path}`, request)
  if (answer === undefined) return
  tried.outcome = answer.status === 200 ? 'ok' : 'fail'
  if (answer.status !== 200) {
    tried.refusal = `${answer.status} ${JSON.stringify(answer.body)}`
    return
  }
  const body = answer.body as { IpfsHash?: string; ID?: string; data?: { cid: string; id: string } } // one of the two dialects
  tried.cid = body.data?.cid ?? body.IpfsHash ?? ''
  tried.id = body.data?.id ?? body.ID ?? ''
}

async function unpinOne(
  apiUrl: string,
  headers: Record<string, string>,
  history: History,
  random: (below: number) => number,
): Promise<void> {
  const candidates = history.uploads.filter(
    ({ outcome, unpin, how }) => outcome === 'ok' && unpin === undefined && how !== 'v3',
  )
  const chosen = candidates[random(candidates.length)]
  if (chosen === undefined) return
  chosen.unpin = 'unknown'
  const answer = await ask(`${apiUrl}/pinning/unpin/${chosen.cid}`, { method: 'DELETE', headers })
  if (answer !== undefined) chosen.unpin = answer.status === 200 ? 'ok' : 'fail'
}

async function makeOrRevokeKey(
  apiUrl: string,
  headers: Record<string, string>,
  history: History,
  random: (below: number) => number,
): Promise<void> {
  const open = history.keys.filter(({ revoke }) => revoke === undefined)
  const chosen = open[random(open.length)]
  if (chosen !== undefined && random(2) === 0) {
    chosen.revoke = 'unknown'
    const answer = await ask(`${apiUrl}/v3/pinata/keys/${chosen.values.pinata_api_key}`, { method: 'PUT', headers })
    if (answer !== undefined) chosen.revoke = answer.status === 200 ? 'ok' : 'fail'
    return
  }
  const answer = await ask(`${apiUrl}/v3/pinata/keys`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ keyName: 'under fire', permissions: { admin: true } }),
  })
  if (answer?.status === 200) history.keys.push({ values: answer.body as KeyValues }) // the shape of a created key
}

/** Holds a server that was started again against the history. Answers every violation in words; none is right. */
export async function findViolations(
  urls: { apiUrl: string; gatewayUrl: string },
  admin: KeyValues,
  history: History,
): Promise<string[]> {
  const wrong: string[] = []
  const headers = { authorization: `Bearer ${admin.JWT}` }
  const listed = await listAll(urls.apiUrl, headers)
  for (const tried of history.uploads) {
    if (tried.outcome === 'fail') wrong.push(`an upload (${tried.how}) was refused: ${tried.refusal}`)
    if (tried.outcome !== 'ok' || tried.cid === undefined) continue
    const mustBeGone = tried.unpin === 'ok'
    const mustBeThere = tried.unpin === undefined
    const there = listed.some(({ id }) => id === tried.id)
    if (mustBeThere && !there) wrong.push(`an acknowledged upload (${tried.how}, ${tried.cid}) is not listed`)
    if (mustBeGone && there) wrong.push(`an acknowledged unpin of ${tried.cid} came back`)
    if (mustBeThere) wrong.push(...(await readBack(urls.gatewayUrl, tried)))
  }
  for (const key of history.keys) {
    const answer = await fetch(`${urls.apiUrl}/pinyon/v1/whoami`, {
      headers: { authorization: `Bearer ${key.values.JWT}` },
    })
    await answer.arrayBuffer()
    if (key.revoke === 'ok' && answer.status !== 401) wrong.push(`a revoked key works again (${answer.status})`)
    if (key.revoke === undefined && answer.status !== 200)
      wrong.push(`an acknowledged key is refused (${answer.status})`)
  }
  wrong.push(...(await findPinViolations(urls.apiUrl, headers, history.pins)))
  const totals = (await (await fetch(`${urls.apiUrl}/data/userPinnedDataTotal`, { headers })).json()) as {
    pin_count: number
    pin_size_total: number
  }
  const sum = listed.reduce((bytes, { size }) => bytes + size, 0)
  if (totals.pin_count !== listed.length || totals.pin_size_total !== sum)
    wrong.push(
      `totals say ${totals.pin_count} files of ${totals.pin_size_total} bytes, the list has ${listed.length} of ${sum}`,
    )
  return wrong
}

async function readBack(gatewayUrl: string, tried: TriedUpload): Promise<string[]> {
  const path = tried.how === 'folder' ? `${tried.cid}/a.bin` : tried.cid
  const answer = await fetch(`${gatewayUrl}/ipfs/${path}`)
  const bytes = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 200) return [`an acknowledged upload (${tried.how}, ${tried.cid}) reads as ${answer.status}`]
  return sha256(bytes) === tried.digest ? [] : [`an acknowledged upload (${tried.how}, ${tried.cid}) has other bytes`]
}

async function listAll(apiUrl: string, headers: Record<string, string>): Promise<{ id: string; size: number }[]> {
  const rows: { id: string; size: number }[] = []
  for (;;) {
    const answer = await fetch(`${apiUrl}/data/pinList?status=pinned&pageLimit=1000&pageOffset=${rows.length}`, {
      headers,
    })
    const page = ((await answer.json()) as { rows: { id: string; size: number }[] }).rows
    rows.push(...page)
    if (page.length < 1_000) return rows
  }
}
