import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Rig } from '../rig.ts'
import type { Installation } from '../support/installation.ts'
import { madeUpDisk, strace } from './disks/needs.ts'
import { injectFault } from './disks/traced.ts'
import { onVolatileDisk } from './disks/on-volatile-disk.ts'
import type { VolatileDisk } from './disks/volatile-disk.ts'
import { loadFor, losses, recovery, tryUploads } from './under-fault.ts'

/** What goes wrong, and where: the packs that are open for writing, their directory, or a file of the database. */
interface Case {
  readonly name: string
  readonly where: 'packs' | 'packs directory' | 'log' | 'database'
  readonly inject: readonly string[]
}

const writes = ['pwrite64', 'pwritev', 'write', 'writev']
const all = (what: string) => writes.map((call) => `${call}:${what}`)
/** SQLite syncs by one or the other, as it was built. */
const syncs = (what: string) => ['fsync', 'fdatasync'].map((call) => `${call}:${what}`)

const cases: readonly Case[] = [
  { name: 'EIO on one sync of a pack', where: 'packs', inject: ['fdatasync:error=EIO:when=1'] },
  { name: 'EIO on every sync of packs', where: 'packs', inject: ['fdatasync:error=EIO'] },
  { name: 'EIO on every third write of packs', where: 'packs', inject: all('error=EIO:when=1+3') },
  { name: 'ENOSPC on writes of packs', where: 'packs', inject: all('error=ENOSPC') },
  { name: 'EIO on syncs of the directory', where: 'packs directory', inject: ['fsync:error=EIO'] },
  { name: 'EIO on one sync of the log', where: 'log', inject: syncs('error=EIO:when=1') },
  { name: 'EIO on and off on syncs of the log', where: 'log', inject: syncs('error=EIO:when=1+2') },
  { name: 'EIO on every sync of the log', where: 'log', inject: syncs('error=EIO') },
  { name: 'EIO on every third write of the log', where: 'log', inject: all('error=EIO:when=1+3') },
  { name: 'EIO on syncs of the database', where: 'database', inject: syncs('error=EIO') },
  { name: 'EIO on writes of the database', where: 'database', inject: all('error=EIO:when=1+2') },
  {
    name: 'slow syncs',
    where: 'log',
    inject: syncs('delay_enter=150000'),
  },
]

/** What CI has time for: syncs of packs and of the log. */
const shortCases = [1, 6]

/** Errors and lost syncs by path, then a power cut: what was not synced was not acknowledged. */
export const ioErrors: Rig = {
  name: 'io-errors',
  proves:
    'after an error of a write or sync nothing is acknowledged that is not on the disk, and it recovers by itself',
  needs: [...madeUpDisk, strace],
  async run(context) {
    const ofProfile = context.profile === 'short' ? cases.filter((_case, at) => shortCases.includes(at)) : cases
    const chosen = ofProfile.slice(0, context.rounds)
    return onVolatileDisk(context, {}, async (installation, disk) => {
      const violations: string[] = []
      let slowestMs = 0
      for (const one of chosen) {
        const found = await failOnce(installation, disk, one)
        violations.push(...found.violations.map((words) => `${one.name}: ${words}`))
        slowestMs = Math.max(slowestMs, found.recoveryMs)
        context.log(
          `${one.name}: ${found.met} calls met it, ${found.refused} refused; ${found.violations.join('; ') || 'all holds'}`,
        )
      }
      const figures = { 'as before again, ms at most': Math.round(slowestMs) }
      return { points: chosen.length, violations, figures }
    })
  },
  control: {
    does: 'a sync of a pack that failed is answered as if it had gone well',
    async run(context) {
      const swallow = new URL('../controls/swallow-sync-errors.mjs', import.meta.url).pathname
      return onVolatileDisk(context, { node: ['--import', swallow] }, async (installation, disk) => {
        const everySync: Case = { name: 'control', where: 'packs', inject: ['fdatasync:error=EIO'] }
        return losses((await failOnce(installation, disk, everySync)).violations)
      })
    },
  },
}

async function failOnce(
  installation: Installation,
  disk: VolatileDisk,
  { where, inject }: Case,
): Promise<{ violations: string[]; recoveryMs: number; refused: number; met: number }> {
  await loadFor(installation, 700)
  // A directory is synced when a pack is made, which a process does with its first write.
  if (where === 'packs directory') await installation.start()
  const { counts } = installation.driver.history
  const refusedBefore = counts.refused
  const begin = () => {
    const { pid } = installation.server.process
    if (pid === undefined) throw new Error('the server has no process')
    return injectFault(pid, { paths: pathsOf(installation, where), inject })
  }
  const passing = await begin()
  await loadFor(installation, 1_200, { tolerance: 'unavailable' })
  let met = await passing.end()
  const recovered = await recovery(installation)
  // Once more, and the power is cut before a later sync could make good what a failed one has left.
  const lasting = await begin()
  await loadFor(installation, 1_200, { tolerance: 'unavailable' })
  const wrong = await tryUploads(installation, { count: 3, sizeBytes: 50_000 })
  const refused = counts.refused - refusedBefore
  disk.cutPower()
  await installation.server.kill()
  met += await lasting.end()
  await disk.powerOn()
  await installation.start()
  const found = await installation.check({ all: true })
  return {
    violations: [...recovered.violations, ...wrong, ...found, ...(met === 0 ? ['no call met the fault'] : [])],
    recoveryMs: recovered.ms,
    refused,
    met,
  }
}

function pathsOf({ dataDir }: Installation, where: Case['where']): string[] {
  const packs = join(dataDir, 'packs')
  switch (where) {
    case 'packs':
      return readdirSync(packs).flatMap((name) => (name.endsWith('.car') ? [join(packs, name)] : []))
    case 'packs directory':
      return [packs]
    case 'log':
      return [join(dataDir, 'pinyon.db-wal')]
    case 'database':
      return [join(dataDir, 'pinyon.db')]
  }
}
