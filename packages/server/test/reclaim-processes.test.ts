import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '../src/db/database.ts'
import { multihashKey } from '../src/ipfs/multihash-key.ts'
import type { LedgerPlace } from './support/ledger.ts'
import { makeLedgerPlace } from './support/ledger-place.ts'
import { blocksOfSet, modelBlocks, numbersFrom } from './support/model-blocks.ts'
import type { ModelAnswer, ModelOrder } from './support/model-process.ts'

const steps = 50_000
/** The model ends after this time, once it has shown enough. */
const longestMs = 30_000

let place: LedgerPlace & { remove(): Promise<void> }
let children: ChildProcess[]
beforeEach(async () => {
  place = await makeLedgerPlace('postgres')
  children = []
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await place.remove()
})

type Ask = (order: ModelOrder) => Promise<ModelAnswer>

async function startProcess(): Promise<Ask> {
  const child = fork(join(import.meta.dirname, 'support/model-process.ts'), { execArgv: [] })
  children.push(child)
  let last = 0
  const waiting = new Map<number, (answer: ModelAnswer) => void>()
  child.on('message', (answer: ModelAnswer) => waiting.get(answer.number)?.(answer))
  const ask = (order: ModelOrder) =>
    new Promise<ModelAnswer>((resolve) => {
      waiting.set(++last, resolve)
      child.send({ number: last, order })
    })
  valueOf(await ask({ do: 'open', place }))
  return ask
}

function valueOf(answer: ModelAnswer): string | number | undefined {
  if ('error' in answer) throw new Error(answer.error)
  return answer.value
}

it('never loses a live block to another process that reclaims', { timeout: 300_000 }, async () => {
  const processes = [await startProcess(), await startProcess()]
  const number = numbersFrom('processes')
  const some = () => processes[number(2)]! // two
  const held = new Map<string, { holders: number; set: number }>()
  const underWay: { ask: Ask; upload: string; set: number; begun: Promise<unknown> }[] = []
  let uploads = 0
  let published = 0
  const taken: string[] = []
  const begin = async () => {
    const [ask, set, upload] = [some(), number(40), `${++uploads}`]
    const order = { do: 'begin', upload, blocks: blocksOfSet(set), maxInMemory: 2 + number(12) } as const
    const begun = ask(order).then(valueOf)
    underWay.push({ ask, upload, set, begun })
    await begun
  }
  const end = async () => {
    const [one] = underWay.splice(number(Math.max(1, underWay.length)), 1)
    if (one === undefined) return
    const { ask, upload, set } = one
    await one.begun
    if (number(10) === 0) return void valueOf(await ask({ do: 'end', upload }))
    const answer = await ask({ do: 'end', upload, set })
    published++
    // A pin that is taken apart at this moment: told in words, and nothing was kept.
    if ('error' in answer && answer.code === 'unavailable') return void taken.push(answer.error)
    const pinId = String(valueOf(answer))
    const known = held.get(pinId)
    if (known === undefined) held.set(pinId, { holders: 1, set })
    else known.holders++
  }
  const release = async () => {
    const [pinId, pin] = [...held][number(Math.max(1, held.size))] ?? []
    if (pinId === undefined || pin === undefined) return
    if (--pin.holders === 0) held.delete(pinId)
    valueOf(await some()({ do: 'release', pinId }))
  }
  const live = () => [...new Set([...held.values()].flatMap(({ set }) => blocksOfSet(set)))]
  const expectAllLive = async () => {
    for (const ask of processes) valueOf(await ask({ do: 'check', blocks: live() }))
  }

  let reclaims: Promise<unknown> = Promise.resolve()
  let emptied = 0
  const until = performance.now() + longestMs
  let step = 0
  // A model in which nothing was reclaimed would prove less.
  const hasShown = () => emptied > 20 && published > 100
  for (; step < steps && (performance.now() < until || !hasShown()); step += 16) {
    const one = () => {
      const dice = number(100)
      if (dice < 36 && underWay.length < 40) return begin()
      return dice < 70 ? end() : release()
    }
    await Promise.all(Array.from({ length: 16 }, one))
    if (step % 64 === 0) {
      const [ask, everything] = [some(), number(4) === 0]
      reclaims = reclaims.then(async () => (emptied += Number(valueOf(await ask({ do: 'reclaim', everything })))))
    }
    if (step % 800 === 0) await expectAllLive()
  }
  while (underWay.length > 0) await end()
  await reclaims
  await expectAllLive()
  expect(hasShown()).toBe(true)
  expect(taken.length, taken[0]).toBeLessThanOrEqual(published / 1_000)

  const [first, second] = processes as [Ask, Ask] // two
  valueOf(await second({ do: 'close' }))
  valueOf(await first({ do: 'settle' }))
  for (let pass = 0; pass < 2; pass++) valueOf(await first({ do: 'reclaim', everything: true, liveShare: 1 }))
  valueOf(await first({ do: 'check', blocks: live() }))
  const db = await openDatabase(place.database, { clock: { now: () => 0 }, readOnly: true })
  const rows = await db.read.selectFrom('blocks').select('multihash').execute()
  await db.close()
  const keyOf = (index: number) => multihashKey(modelBlocks[index]!.multihash) // indexes are below the length
  expect(new Set(rows.map(({ multihash }) => multihashKey(multihash)))).toEqual(new Set(live().map(keyOf)))
  expect(valueOf(await first({ do: 'count', blocks: live() }))).toBe(live().length)
})
