import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { StartOptions } from '../../acceptance/support/server.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { type ErringDisk, makeErringDisk, makeThinDisk } from './disks/erring-disk.ts'
import { madeUpDisk } from './disks/needs.ts'
import { loadFor, losses, readiness, tryUploads } from './under-fault.ts'

/**
 * The device answers EIO, as a dying disk does: the kernel drops what it could not write and says so once. The machine
 * is then started again on a disk that works, which is when it shows what was acknowledged without being there.
 */
export const deviceErrors: Rig = {
  name: 'device-errors',
  proves:
    'while the device of the disk fails, at once or late, nothing is acknowledged that is not on it; the process lives and says so',
  needs: madeUpDisk,
  async run(context) {
    const rounds = context.rounds ?? (context.profile === 'short' ? 1 : 10)
    const violations: string[] = []
    let [points, readyMs] = [0, 0]
    for (const [kind, make] of Object.entries(disks))
      await onDisk({ ...context, dir: join(context.dir, kind) }, { make }, async (installation, disk) => {
        for (let round = 0; round < rounds && violations.length === 0; round++) {
          const found = await failOnce(context, installation, disk)
          violations.push(...found.map((words) => `${kind}: ${words}`))
          points++
        }
        readyMs = Math.max(readyMs, ...installation.startsMs)
      })
    return { points, violations, figures: { 'ready again, ms at most': Math.round(readyMs) } }
  },
  control: {
    does: 'an error of a write or sync of a pack is answered as if it had gone well',
    async run(context) {
      const node = ['swallow-sync-errors', 'swallow-write-errors'].flatMap((name) => [
        '--import',
        new URL(`../controls/${name}.mjs`, import.meta.url).pathname,
      ])
      return onDisk(context, { make: makeErringDisk, node }, async (installation, disk) =>
        losses(await failOnce(context, installation, disk)),
      )
    },
  },
}

/** At once, and late: what was written is taken, and cannot be kept when it is synced. */
const disks = { 'at once': makeErringDisk, late: makeThinDisk } as const

async function onDisk<T>(
  context: RigContext,
  { make, ...options }: StartOptions & { make: typeof makeErringDisk },
  use: (installation: Installation, disk: ErringDisk) => Promise<T>,
): Promise<T> {
  // The database on the disk of this machine: it would refuse everything by itself.
  const dataDir = join(context.dir, 'data')
  mkdirSync(context.dir, { recursive: true })
  const disk = await make(dataDir, { sizeMiB: 512 })
  try {
    const installation = await openInstallation(context, { ...options, dataDir })
    try {
      return await use(installation, disk)
    } finally {
      await installation.close()
    }
  } finally {
    await disk.close()
  }
}

async function failOnce({ random }: RigContext, installation: Installation, disk: ErringDisk): Promise<string[]> {
  await loadFor(installation, 700)
  disk.fail()
  await loadFor(installation, 1_000 + random.below(1_000), { tolerance: 'unavailable' })
  const wrong = await tryUploads(installation, { count: 3, sizeBytes: 300_000 })
  const said = await readiness(installation)
  const violations = /^200 \{"status":"ready","storage":"(failing|full)"\}$/.test(said) ? [] : [`ready says ${said}`]
  if (installation.server.process.exitCode !== null) violations.push('the process ended')
  violations.push(...wrong)
  disk.heal()
  await installation.server.kill()
  await disk.remount()
  await installation.start()
  violations.push(...(await installation.check({ all: true })))
  return violations
}
