import { setTimeout } from 'node:timers/promises'
import { sha256, type PartFacts } from '../load/content.ts'
import type { State, Thing } from '../load/history.ts'
import { compare, type Seen } from './observe.ts'
import type { Reader } from './reader.ts'

interface ListedFile {
  readonly id: string
  readonly cid: string
  readonly name: string
  readonly size: number
  readonly keyvalues: Record<string, string>
  readonly group_id: string | null
}

/** Files of an account as lists show them: I1, I4, I7. Gives back those that are there. */
export async function checkFiles(reader: Reader, account: number): Promise<Map<Thing, Seen>> {
  const seen: Seen[] = []
  const files: ListedFile[] = []
  for (const network of networks) {
    const listed = await listFiles(reader, account, network)
    files.push(...listed)
    // What was pinned by CID is a thing of its own.
    for (const { id, name, keyvalues, group_id: group } of listed.filter(
      (file) => file.name?.startsWith('pin-') !== true,
    ))
      seen.push({ id, name, state: { network, name, keyvalues, group } })
  }
  const found = compare(reader, 'file', account, seen)
  const cids = new Map(files.map(({ id, cid }) => [id, cid]))
  for (const [thing, { id, name }] of found) {
    const cid = cids.get(id)
    const known = thing.facts.cid
    if (known !== undefined && known !== cid) reader.wrong.push(`file ${name} has the CID ${cid}, it was ${known}`)
    thing.facts.cid = cid
  }
  return found
}

const networks = ['public', 'private']

function listFiles(reader: Reader, account: number, network: string): Promise<ListedFile[]> {
  return reader.listAll<ListedFile>(`/v3/files/${network}`, account, ({ data }) => ({
    items: data.files,
    next: data.next_page_token,
  }))
}

/** Reads a file back by every way there is, byte for byte: I1, I2. */
export async function readBack(reader: Reader, file: Thing): Promise<void> {
  const [state] = file.possible
  if (state === undefined || state === 'absent') return
  const parts = file.facts.parts ?? []
  for (const part of parts) {
    const path = part.path.split('/').map(encodeURIComponent).join('/')
    const query = part.path === '' ? '' : `?path=${encodeURIComponent(part.path)}`
    await readPart(reader, `/pinyon/v1/files/${file.id}/content${query}`, { file, part, as: file.account })
    if (state['network'] !== 'public') continue
    const url = `${reader.driver.urls.gatewayUrl}/ipfs/${file.facts.cid}${path === '' ? '' : `/${path}`}`
    await readPart(reader, url, { file, part, as: 'none' })
  }
  file.isChecked = true
}

async function readPart(
  { driver, wrong }: Reader,
  path: string,
  { file, part, as }: { file: Thing; part: PartFacts; as: number | 'none' },
): Promise<void> {
  const what = `file ${file.name} ${part.path} (${file.facts.cid})`
  const bytes = await driver.read({ method: 'GET', path, as })
  if (bytes === undefined) wrong.push(`${what} breaks off`)
  else if (bytes.status !== 200) wrong.push(`${what} reads as ${bytes.status} ${bytes.body.toString().slice(0, 150)}`)
  else if (sha256(bytes.body) !== part.digest)
    wrong.push(`${what} has other bytes: ${bytes.body.length} of ${part.sizeBytes}`)
}

/** How long totals may differ from lists that were read a moment before: a pin that waited is done in between. */
const settlesWithinMs = 20_000

/** What all files of an account are charged, against what the account is told (I5). Read again while work in the background ends. */
export async function checkUsage(reader: Reader, account: number): Promise<void> {
  const until = performance.now() + settlesWithinMs
  for (;;) {
    const different = await differentUsage(reader, account)
    if (different.length === 0) return
    if (performance.now() > until) {
      reader.wrong.push(...different)
      return
    }
    await setTimeout(250)
  }
}

async function differentUsage(reader: Reader, account: number): Promise<string[]> {
  const files: ListedFile[] = []
  for (const network of networks) files.push(...(await listFiles(reader, account, network)))
  const sum = files.reduce((bytes, { size }) => bytes + size, 0)
  const lists = `its lists have ${files.length} of ${sum}`
  const different: string[] = []
  const whoami = await reader.get('/pinyon/v1/whoami', { as: account })
  const { files: count, usedBytes } = whoami?.body.quota ?? {}
  if (whoami !== undefined && (count !== files.length || usedBytes !== sum))
    different.push(`account ${account} is told ${count} files of ${usedBytes} bytes, ${lists}`)
  const said = (await reader.get('/pinyon/v1/usage', { as: account }))?.body.account
  if (said !== undefined && (said.files !== files.length || said.logicalBytes !== sum))
    different.push(`usage of account ${account} is ${said.files} files of ${said.logicalBytes} bytes, ${lists}`)
  return different
}

/** Uploads that are under way: HEAD says at least what was acknowledged and at most what was sent, and then that counts. */
export async function checkUploads(reader: Reader): Promise<void> {
  for (const upload of reader.driver.history.ofKind('upload')) {
    const path = upload.facts.path
    // Nobody heard of it: it holds nothing, and expires.
    if (path === undefined || upload.isChecked) continue
    const as = upload.facts.by === 'link' ? ('none' as const) : upload.account
    const answer = await reader.driver.ask({
      method: 'HEAD',
      path,
      as,
      headers: { 'tus-resumable': '1.0.0' },
    })
    const seen = answer === undefined ? 'no answer' : stateOf(answer)
    const offsets = upload.possible.flatMap((state) =>
      state === 'absent' || state['done'] === true ? [] : [Number(state['offset'])],
    )
    const sent = upload.possible.some((state) => state !== 'absent' && state['done'] === true)
      ? (upload.facts.sizeBytes ?? 0)
      : Math.max(...offsets)
    const fits =
      typeof seen === 'string'
        ? upload.possible.some((state) => state === seen)
        : seen['done'] === true
          ? upload.possible.some((state) => state !== 'absent' && state['done'] === true)
          : offsets.length > 0 && Number(seen['offset']) >= Math.min(...offsets) && Number(seen['offset']) <= sent
    if (!fits)
      reader.wrong.push(
        `upload ${upload.name} is ${JSON.stringify(seen)}, it may be ${JSON.stringify(upload.possible)}`,
      )
    upload.possible = [seen === 'no answer' ? 'absent' : seen]
    upload.isChecked = seen === 'absent'
  }
}

function stateOf({
  status,
  headers,
}: {
  status: number
  headers: Headers
}): Exclude<State, 'absent'> | 'absent' | 'no answer' {
  if (status === 404 || status === 410) return 'absent'
  if (status !== 200 && status !== 204) return 'no answer'
  if (headers.has('upload-cid')) return { done: true }
  return { offset: Number(headers.get('upload-offset')) }
}
