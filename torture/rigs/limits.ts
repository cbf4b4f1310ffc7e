import { readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StartOptions } from '../../acceptance/support/server.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { attempt, run } from './disks/command.ts'
import { mountable } from './disks/needs.ts'
import { makeFileSystem } from './disks/volatile-disk.ts'
import { loadFor, losses, readiness, recovery, tryUploads, uploadOne } from './under-fault.ts'

interface Place {
  readonly installation: Installation
  readonly loop: string
  readonly path: string
  readonly pid: () => string
}

/** Something that a process may not do any more. */
interface Case {
  readonly name: string
  readonly begin: (place: Place) => Promise<void> | void
  readonly end: (place: Place) => Promise<void> | void
  /** What `/health/ready` says meanwhile. */
  readonly says?: string
  /** The file system itself has to be mounted anew, so the program is started again. */
  readonly restarts?: true
}

const failing = '200 {"status":"ready","storage":"failing"}'

const cases: readonly Case[] = [
  {
    name: 'no more descriptors',
    begin: async ({ pid }) => {
      const open = readdirSync(`/proc/${pid()}/fd`).length
      await run('prlimit', '--pid', pid(), `--nofile=${open}:`)
    },
    end: async ({ pid }) => void (await run('prlimit', '--pid', pid(), '--nofile=16384:')),
  },
  {
    name: 'files may not grow',
    begin: async ({ installation, pid }) => {
      // A pack that is longer than the log of the database, so that the limit meets the pack.
      for (let at = 0; at < 8; at++) await uploadOne(installation, 800_000)
      await run('prlimit', '--pid', pid(), `--fsize=${currentPack(installation, pid())}:`)
    },
    end: async ({ pid }) => void (await run('prlimit', '--pid', pid(), '--fsize=unlimited:')),
  },
  {
    name: 'the directory of the packs is gone',
    begin: ({ installation }) => renameSync(join(installation.dataDir, 'packs'), join(installation.dataDir, 'gone')),
    end: ({ installation }) => renameSync(join(installation.dataDir, 'gone'), join(installation.dataDir, 'packs')),
  },
  {
    name: 'the file system turns read-only',
    begin: ({ loop }) => writeFileSync(`/sys/fs/ext4/${loop.replace('/dev/', '')}/trigger_fs_error`, 'torture'),
    end: async ({ loop, path }) => {
      await run('umount', path)
      await attempt('e2fsck', '-p', loop)
      await run('mount', '-o', 'errors=remount-ro', loop, path)
    },
    says: failing,
    restarts: true,
  },
]

/** Limits of the machine and of the process, while it runs. */
export const limits: Rig = {
  name: 'limits',
  proves:
    'out of descriptors, with files that may not grow, without its directory, or read-only: refused, and nothing lost',
  needs: mountable,
  async run(context) {
    return onExt4(context, {}, async (place) => {
      const violations: string[] = []
      for (const one of cases) {
        const found = await limitOnce(place, one)
        violations.push(...found.map((words) => `${one.name}: ${words}`))
        context.log(`${one.name}: ${found.join('; ') || 'all holds'}`)
      }
      return { points: cases.length, violations }
    })
  },
  control: {
    does: 'an error of a write or sync of a pack is answered as if it had gone well',
    async run(context) {
      const node = ['swallow-sync-errors', 'swallow-write-errors'].flatMap((name) => [
        '--import',
        new URL(`../controls/${name}.mjs`, import.meta.url).pathname,
      ])
      const small = cases.find(({ name }) => name === 'files may not grow')
      return small === undefined
        ? []
        : onExt4(context, { node }, async (place) => losses(await limitOnce(place, small)))
    },
  },
}

async function onExt4<T>(context: RigContext, options: StartOptions, use: (place: Place) => Promise<T>): Promise<T> {
  const image = join(context.dir, 'disk.img')
  const path = join(context.dir, 'mounted')
  await makeFileSystem(image, 512)
  await run('mkdir', path)
  const loop = await run('losetup', '-f', '--show', image)
  try {
    await run('mount', '-o', 'errors=remount-ro', loop, path)
    const installation = await openInstallation(context, { ...options, dataDir: join(path, 'data') })
    try {
      return await use({ installation, loop, path, pid: () => String(installation.server.process.pid) })
    } finally {
      await installation.close()
    }
  } finally {
    await attempt('umount', '-l', path)
    await attempt('losetup', '-d', loop)
  }
}

async function limitOnce(place: Place, { begin, end, says, restarts }: Case): Promise<string[]> {
  const { installation } = place
  await loadFor(installation, 700)
  await begin(place)
  await loadFor(installation, 1_500, { tolerance: 'unavailable' })
  // However little the load came to: more than the packs that are written to may still take.
  const wrong = await tryUploads(installation, { count: 4, sizeBytes: 2_000_000 })
  const said = says === undefined ? undefined : await readiness(installation)
  if (said !== says) wrong.push(`ready says ${said}`)
  if (installation.server.process.exitCode !== null || installation.server.process.signalCode !== null)
    wrong.push('the process ended')
  if (restarts === true) await installation.server.kill()
  await end(place)
  if (restarts === true) await installation.start()
  wrong.push(...(await recovery(installation)).violations, ...(await installation.check({ all: true })))
  return wrong
}

/** How long the longest pack is that the process has open for writing. */
function currentPack({ dataDir }: Installation, pid: string): number {
  const open = readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    const flags = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? '0'
    // O_WRONLY or O_RDWR (proc(5), in octal).
    return (parseInt(flags, 8) & 3) === 0 ? [] : [readlinkSync(`/proc/${pid}/fd/${fd}`)]
  })
  const packs = open.filter((path) => path.startsWith(join(dataDir, 'packs')) && path.endsWith('.car'))
  if (packs.length === 0) throw new Error('no pack is written to')
  return Math.max(...packs.map((path) => statSync(path).size))
}
