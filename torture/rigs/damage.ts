import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseCid } from '../../packages/server/src/ipfs/cid.ts'
import type { StartOptions } from '../../acceptance/support/server.ts'
import { sha256 } from '../load/content.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { type DamageKind, damageKinds } from './damage-kinds.ts'
import { damagedIn, listStored, readPacks } from './stored-blocks.ts'
import { keepFiles, letGo, loadFor, losses } from './under-fault.ts'

const scrubMs = 60_000
const settings = { PINYON_SCRUB_SHARE: '100' }

/** What CI has time for. */
const shortKinds = new Set(['bit flips', 'swapped', 'missing'])

/** F35: what is stored is damaged, while the program is stopped and while it runs. */
export const damage: Rig = {
  name: 'damage',
  proves:
    'damaged bytes are never served, one pass of the scrub names every one with its owner, nothing else goes (F35)',
  needs: [],
  async run(context) {
    const violations: string[] = []
    let points = 0
    let blocks = 0
    const states = context.profile === 'short' ? (['stopped'] as const) : (['stopped', 'running'] as const)
    const kinds = context.profile === 'short' ? damageKinds.filter(({ name }) => shortKinds.has(name)) : damageKinds
    for (const state of states) {
      for (const kind of kinds) {
        if (points === context.rounds) break
        const found = await damageOnce(context, { kind, state })
        violations.push(...found.violations.map((words) => `${kind.name}, ${state}: ${words}`))
        context.log(
          `${kind.name}, ${state}: ${found.damaged} blocks damaged; ${found.violations.join('; ') || 'all holds'}`,
        )
        blocks += found.damaged
        points++
      }
    }
    return { points, violations, figures: { 'blocks damaged': blocks } }
  },
  control: {
    does: 'no block is held against its hash, neither by reads nor by the scrub',
    async run(context) {
      const believe = new URL('../controls/believe-every-block.mjs', import.meta.url).pathname
      const [kind] = damageKinds
      if (kind === undefined) return []
      const found = await damageOnce(context, { kind, state: 'stopped' }, { node: ['--import', believe] })
      return losses(found.violations)
    },
  },
}

async function damageOnce(
  context: RigContext,
  { kind, state }: { kind: DamageKind; state: 'stopped' | 'running' },
  options: StartOptions = {},
): Promise<{ violations: string[]; damaged: number }> {
  const dataDir = join(context.dir, `${kind.name.replaceAll(' ', '-')}-${state}`)
  const installation = await openInstallation(context, { ...options, dataDir, env: settings })
  try {
    // Two lives, so that there are packs of two writers.
    await loadFor(installation, 700)
    const kept = await keepFiles(installation, 2)
    await installation.start()
    await loadFor(installation, 700)
    kept.push(...(await keepFiles(installation, 2)))
    letGo(kept)
    if (state === 'stopped') await installation.server.stop()
    const blocks = listStored(dataDir)
    const names = new Set(blocks.map(({ pack }) => pack))
    const before = readPacks(dataDir, names)
    kind.damage(join(dataDir, 'packs'), blocks, context.random)
    const damaged = damagedIn(blocks, { before, after: readPacks(dataDir, names) })
    if (damaged.size === 0 && kind.name !== 'extra') throw new Error('nothing was damaged: nothing is put to the test')
    if (state === 'stopped') await installation.start()
    const violations = await readEverything(installation)
    violations.push(...(await scrub(installation, damaged)))
    // Whoever deletes meanwhile takes nothing else along: the bytes come back, and so does everything.
    for (const [name, bytes] of before) writeFileSync(join(dataDir, 'packs', `${name}.car`), bytes, { mode: 0o600 })
    await installation.start()
    violations.push(...(await scrub(installation, new Set())), ...(await installation.check({ all: true })))
    return { violations, damaged: damaged.size }
  } finally {
    await installation.close()
  }
}

/** Every file is read as it was sent, or refused, or broken off: never as something else (I2). */
async function readEverything({ driver }: Installation): Promise<string[]> {
  const wrong: string[] = []
  for (const file of driver.history.settled('file')) {
    const { parts = [], cid } = file.facts
    for (const { path, digest } of parts) {
      const query = path === '' ? '' : `?path=${encodeURIComponent(path)}`
      const ways = [`/pinyon/v1/files/${file.id}/content${query}`]
      if (file.possible.some((state) => state !== 'absent' && state['network'] === 'public'))
        ways.push(`${driver.urls.gatewayUrl}/ipfs/${cid}${path === '' ? '' : `/${path}`}`)
      for (const way of ways) {
        const read = await driver.read({ method: 'GET', path: way, as: file.account })
        if (read?.status === 200 && sha256(read.body) !== digest) wrong.push(`${file.name} reads with other bytes`)
        else if (read !== undefined && read.status !== 200 && read.status !== 503)
          wrong.push(`${file.name} reads as ${read.status} ${read.body.toString().slice(0, 200)}`)
      }
    }
  }
  return wrong
}

/** Has everything read back, and holds what is found against what is so. */
async function scrub({ driver }: Installation, damaged: ReadonlySet<string>): Promise<string[]> {
  const path = '/pinyon/v1/operator/storage'
  const asked = await driver.ask({ method: 'POST', path: `${path}/scrub` })
  if (asked?.status !== 202) return [`the scrub was refused: ${asked?.status} ${asked?.text}`]
  const end = performance.now() + scrubMs
  for (;;) {
    const answer = await driver.ask({ method: 'GET', path })
    const health = answer?.body
    const isDone = health?.scrub.packsBeingRead === 0 && health.scrub.packsWaiting === 0
    if (isDone && (damaged.size > 0 || health.damagedBlocks === 0 || performance.now() > end))
      return compare(health, damaged)
    if (performance.now() > end) return [`the scrub did not end: ${answer?.status} ${answer?.text.slice(0, 300)}`]
    await setTimeout(200)
  }
}

interface Health {
  readonly damagedBlocks: number
  readonly damaged: readonly { readonly cid: string; readonly owners: readonly unknown[] }[]
}

function compare({ damagedBlocks, damaged: listed }: Health, damaged: ReadonlySet<string>): string[] {
  const wrong: string[] = []
  if (damagedBlocks !== damaged.size) wrong.push(`the scrub found ${damagedBlocks} of ${damaged.size} damaged blocks`)
  for (const { cid, owners } of listed) {
    const multihash = Buffer.from(parseCid(cid).multihash).toString('hex')
    if (!damaged.has(multihash)) wrong.push(`${cid} is said to be damaged and is not`)
    if (owners.length === 0) wrong.push(`${cid} is damaged and nobody is named`)
  }
  return wrong
}
