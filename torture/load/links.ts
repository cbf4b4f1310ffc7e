import type { Action } from './action.ts'
import { unknownCid } from './cids.ts'
import type { Driver } from './driver.ts'
import { certain, type Thing } from './history.ts'

/** Download links, and what gateways show in place of a CID. */
export const links: readonly Action[] = [
  { covers: ['downloadLink'], weight: 2, run: sign },
  { covers: ['linksRevoke'], weight: 1, run: revoke },
  { covers: ['swapSet'], weight: 1, run: swap },
  { covers: ['swapRemove'], weight: 1, run: endSwap },
]

/** A private file; of a folder, the link of its root opens each part below it (pinata-api: an address and what lies below). */
async function sign(driver: Driver): Promise<void> {
  const files = driver.history.settled('file', ({ facts }, { network }) => {
    return network === 'private' && facts.cid !== undefined && (facts.parts?.length ?? 0) > 0
  })
  if (files.length === 0 || driver.history.settled('link').length > 20) return
  const file = driver.random.pick(files)
  const parts = file.facts.parts ?? []
  const name = `link-${driver.random.hex(12)}`
  const link = driver.history.add({
    kind: 'link',
    account: file.account,
    name,
    facts: { file, part: driver.random.pick(parts) },
  })
  const url = `${driver.urls.gatewayUrl}/files/${file.facts.cid}`
  const ask = {
    method: 'POST',
    path: '/v3/files/private/download_link',
    json: { url, expires: 30 * 86_400, method: 'GET' },
  }
  const answer = await keeping(file, () => driver.change(link, { opens: true }, ask))
  if (answer === undefined) return
  const { pathname, search, searchParams } = new URL(answer.body.data)
  link.facts.path = `${pathname}${search}`
  link.id = searchParams.get('X-Link') ?? undefined
}

async function revoke(driver: Driver): Promise<void> {
  const found = driver.history.settled('link')
  if (found.length < 3) return
  const link = driver.random.pick(found)
  await driver.change(link, 'absent', { method: 'DELETE', path: `/pinyon/v1/links/${link.id}` }, [200, 204])
}

async function swap(driver: Driver): Promise<void> {
  const target = unknownCid(driver.random)
  const json = { swap_cid: target }
  const known = pickSwap(driver)
  if (known !== undefined && driver.random.below(2) === 0) {
    await keeping(known.facts.file, () =>
      driver.change(known, { mapped: target }, { method: 'PUT', path: pathOf(known), json }),
    )
    return
  }
  const files = driver.history.settled(
    'file',
    ({ facts }, { network }) => network === 'public' && facts.cid !== undefined,
  )
  const free = files.filter((file) => !driver.history.ofKind('swap').some(({ facts }) => facts.file === file))
  if (free.length === 0) return
  const file = driver.random.pick(free)
  const thing = driver.history.add({
    kind: 'swap',
    account: file.account,
    name: `swap-${driver.random.hex(12)}`,
    id: file.facts.cid,
    facts: { file },
  })
  await keeping(file, () => driver.change(thing, { mapped: target }, { method: 'PUT', path: pathOf(thing), json }))
}

async function endSwap(driver: Driver): Promise<void> {
  const known = pickSwap(driver)
  if (known === undefined) return
  await keeping(known.facts.file, () => driver.change(known, 'absent', { method: 'DELETE', path: pathOf(known) }))
}

const pathOf = ({ id }: Thing) => `/v3/files/public/swap/${id}`

/** What shows a file is asked for while nobody else deletes or changes it: it would be refused, for a file that is gone. */
async function keeping<T>(file: Thing | undefined, action: () => Promise<T>): Promise<T> {
  if (file !== undefined) file.busy = true
  try {
    return await action()
  } finally {
    if (file !== undefined) file.busy = false
  }
}

/** One whose file is there, and stays: without it there is nothing to swap. */
function pickSwap({ history, random }: Driver): Thing | undefined {
  const found = history.settled(
    'swap',
    ({ facts: { file } }) => file !== undefined && !file.busy && certain(file) !== undefined,
  )
  return found.length === 0 ? undefined : random.pick(found)
}
