import { randomBytes } from 'node:crypto'
import { ask, type Outcome } from './ask.ts'

/**
 * A pin by CID that was asked for, and what became of it. Every one has a name of its own, which a replacement takes
 * over: whatever happens, one pin of that name is there until its removal was tried.
 */
export interface TriedPin {
  readonly name: string
  /** What may be the CID of the pin: one, or two after a replacement of which nothing was heard. */
  cids: string[]
  /** Of the latest answer. */
  id?: string
  outcome: Outcome
  /** Ids that a replacement which was answered has ended. */
  readonly ended: string[]
  removal?: Outcome
}

interface PinStatus {
  readonly requestid: string
  readonly pin: { readonly cid: string }
}

const statuses = 'queued,pinning,pinned,failed'

/** Adds a pin, or replaces or removes one that was answered. `random` gives a number below its argument. */
export async function changePin(
  { apiUrl, headers, pins }: { apiUrl: string; headers: Record<string, string>; pins: TriedPin[] },
  random: (below: number) => number,
): Promise<void> {
  const json = { ...headers, 'content-type': 'application/json' }
  // An identity CID is pinned at once, the other one waits.
  const cid = random(2) === 0 ? identityCid() : unknownCid()
  const open = pins.filter(
    ({ outcome, removal, cids }) => outcome === 'ok' && removal === undefined && cids.length === 1,
  )
  const chosen = open[random(open.length)]
  if (chosen === undefined || random(3) === 0) {
    const tried: TriedPin = { name: randomBytes(8).toString('hex'), cids: [cid], outcome: 'unknown', ended: [] }
    pins.push(tried)
    const body = JSON.stringify({ cid, name: tried.name })
    const answer = await ask(`${apiUrl}/psa/pins`, { method: 'POST', headers: json, body })
    if (answer === undefined) return
    tried.outcome = answer.status === 202 ? 'ok' : 'fail'
    if (answer.status === 202) tried.id = (answer.body as PinStatus).requestid // what the specification says
    return
  }
  const url = `${apiUrl}/psa/pins/${chosen.id}`
  if (random(4) === 0) {
    chosen.removal = 'unknown'
    const answer = await ask(url, { method: 'DELETE', headers })
    if (answer !== undefined) chosen.removal = answer.status === 202 ? 'ok' : 'fail'
    return
  }
  const before = chosen.cids
  // Nobody else changes it meanwhile, and after an answer that never came nobody knows which of the two it is.
  chosen.cids = [...before, cid]
  const answer = await ask(url, { method: 'POST', headers: json, body: JSON.stringify({ cid, name: chosen.name }) })
  if (answer === undefined) return
  chosen.cids = answer.status === 202 ? [cid] : before
  if (answer.status !== 202) chosen.outcome = 'fail'
  if (answer.status !== 202 || chosen.id === undefined) return
  chosen.ended.push(chosen.id)
  chosen.id = (answer.body as PinStatus).requestid // what the specification says
}

/** Holds what a server says against what was asked of it. Answers every violation in words; none is right. */
export async function findPinViolations(
  apiUrl: string,
  headers: Record<string, string>,
  pins: readonly TriedPin[],
): Promise<string[]> {
  const wrong: string[] = []
  for (const tried of pins) {
    if (tried.outcome === 'fail' || tried.removal === 'fail')
      wrong.push(`a change of the pin ${tried.name} was refused`)
    const answer = await fetch(`${apiUrl}/psa/pins?name=${tried.name}&status=${statuses}`, { headers })
    const { results } = (await answer.json()) as { results: PinStatus[] } // what the specification says
    const found = results.map(({ pin }) => pin.cid)
    const atLeast = tried.outcome === 'ok' && tried.removal === undefined ? 1 : 0
    const atMost = tried.removal === 'ok' ? 0 : 1
    if (found.length < atLeast) wrong.push(`the acknowledged pin ${tried.name} is lost`)
    if (found.length > atMost) wrong.push(`there are ${found.length} pins ${tried.name}, at most ${atMost} may be`)
    if (found.some((cid) => !tried.cids.includes(cid))) wrong.push(`the pin ${tried.name} has a CID it had before`)
    const certain = tried.cids.length === 1 && atLeast === 1
    if (certain && results[0]?.requestid !== tried.id) wrong.push(`the pin ${tried.name} has another id`)
    for (const id of tried.ended) {
      const old = await fetch(`${apiUrl}/psa/pins/${id}`, { headers })
      await old.arrayBuffer()
      if (old.status !== 404) wrong.push(`the replaced pin ${id} answers ${old.status}`)
    }
  }
  return wrong
}

/** Raw bytes inside the CID itself: nothing has to be fetched. */
function identityCid(): string {
  return base32(Buffer.concat([Buffer.from([1, 0x55, 0x00, 12]), randomBytes(12)]))
}

/** Raw bytes that nobody has, by their sha-256. */
function unknownCid(): string {
  return base32(Buffer.concat([Buffer.from([1, 0x55, 0x12, 32]), randomBytes(32)]))
}

function base32(bytes: Uint8Array): string {
  let text = 'b'
  let bits = 0
  let held = 0
  for (const byte of bytes) {
    held = (held << 8) | byte
    for (bits += 8; bits >= 5; bits -= 5) text += 'abcdefghijklmnopqrstuvwxyz234567'[(held >> (bits - 5)) & 31]
    held &= 255
  }
  return bits === 0 ? text : text + 'abcdefghijklmnopqrstuvwxyz234567'[(held << (5 - bits)) & 31]
}
