import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { StartOptions } from '../../acceptance/support/server.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { until } from './disks/command.ts'
import { root } from './disks/needs.ts'
import { mountSmallDisk, type SmallDisk } from './disks/small-disk.ts'
import {
  keepFiles,
  letGo,
  loadFor,
  readAndDelete,
  readiness,
  recovery,
  tryUploads,
  untilRefused,
} from './under-fault.ts'

/** Which disk somebody else fills, with what, and what uploads are answered then. */
const cases = [
  { part: 'blocks', what: 'bytes', statuses: [507] },
  { part: 'blocks', what: 'inodes', statuses: [507] },
  { part: 'database', what: 'bytes', statuses: [507] },
  // Its files are all there and open: nothing needs a new one.
  { part: 'database', what: 'inodes', statuses: undefined },
] as const

/** F21, F22: the disk of the blocks, and separately that of the database, is full, by bytes and by inodes. */
export const diskFull: Rig = {
  name: 'disk-full',
  proves:
    'a full disk refuses uploads with 507, reads and deletes go on, and all is as before when there is room (F21, F22)',
  needs: [root],
  async run(context) {
    const rounds = context.rounds ?? (context.profile === 'short' ? 1 : 5)
    return onSmallDisks(context, {}, async (installation, disks) => {
      const violations: string[] = []
      let points = 0
      let slowestMs = 0
      for (let round = 0; round < rounds && violations.length === 0; round++) {
        for (const one of cases) {
          const found = await fillOnce(installation, disks, one)
          violations.push(...found.violations.map((words) => `${one.part}, no ${one.what}: ${words}`))
          slowestMs = Math.max(slowestMs, found.recoveryMs)
          points++
        }
      }
      await installation.start()
      violations.push(...(await installation.check({ all: true })))
      return { points, violations, figures: { 'as before again, ms at most': Math.round(slowestMs) } }
    })
  },
  control: {
    does: 'what the disk has no room for is answered as written',
    async run(context) {
      const swallow = new URL('../controls/swallow-full.mjs', import.meta.url).pathname
      return onSmallDisks(context, { node: ['--import', swallow] }, async (installation, disks) => {
        await loadFor(installation, 500)
        disks.blocks.fill('bytes')
        await tryUploads(installation, { count: 5, sizeBytes: 300_000 })
        disks.blocks.free()
        return installation.check({ all: true })
      })
    },
  },
}

interface Disks {
  readonly blocks: SmallDisk
  readonly database: SmallDisk
}

async function onSmallDisks<T>(
  context: RigContext,
  options: StartOptions,
  use: (installation: Installation, disks: Disks) => Promise<T>,
): Promise<T> {
  const dataDir = join(context.dir, 'data')
  const database = await mountSmallDisk(dataDir, { sizeMiB: 192, inodes: 400 })
  try {
    const blocks = await mountSmallDisk(join(dataDir, 'packs'), { sizeMiB: 256, inodes: 400 })
    try {
      const installation = await openInstallation(context, { ...options, dataDir })
      try {
        return await use(installation, { blocks, database })
      } finally {
        await installation.close()
      }
    } finally {
      await blocks.close()
    }
  } finally {
    await database.close()
  }
}

async function fillOnce(
  installation: Installation,
  disks: Disks,
  { part, what, statuses }: (typeof cases)[number],
): Promise<{ violations: string[]; recoveryMs: number }> {
  const reserve = join(installation.dataDir, 'reserve')
  await until('the reserve', () => existsSync(reserve))
  await loadFor(installation, 600)
  const kept = await keepFiles(installation, 3)
  const violations = await installation.check()
  disks[part].fill(what)
  // Whatever becomes free while it is full is taken too, as by somebody who writes a log.
  if (statuses !== undefined) violations.push(...(await untilRefused(installation, { statuses, sizeBytes: 300_000 })))
  violations.push(...(await readAndDelete(installation, kept)))
  if (statuses !== undefined) {
    const said = await readiness(installation)
    if (said !== '200 {"status":"ready","storage":"full"}') violations.push(`ready says ${said}`)
  }
  await loadFor(installation, 800, { tolerance: 'unavailable' })
  violations.push(...(await readAndDelete(installation, kept)))
  letGo(kept)
  disks[part].free()
  const recovered = await recovery(installation)
  violations.push(...recovered.violations, ...(await installation.check({ all: true })))
  return { violations, recoveryMs: recovered.ms }
}
