import { closeSync, mkdirSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, kill, run, start, until } from './command.ts'
import { mountSmallDisk } from './small-disk.ts'
import { makeFileSystem } from './volatile-disk.ts'

/** A disk that answers reads and writes with EIO while it is told to. */
export interface ErringDisk {
  readonly path: string
  fail(): void
  heal(): void
  /** Lets go and mounts it again, as a person or a restart of the machine does. */
  remount(): Promise<void>
  close(): Promise<void>
}

/** Makes an empty one, healthy, of `sizeMiB` beside the data directory `dataDir`, for the packs in it. */
export async function makeErringDisk(dataDir: string, { sizeMiB }: { sizeMiB: number }): Promise<ErringDisk> {
  const image = `${dataDir}.img`
  const path = join(dataDir, 'packs')
  const socket = `${dataDir}.sock`
  const device = `${dataDir}.device`
  const trigger = `${dataDir}.trigger`
  mkdirSync(path, { recursive: true })
  await makeFileSystem(image, sizeMiB)
  writeFileSync(device, '')
  const fault = ['error=EIO', 'error-rate=100%', `error-file=${trigger}`]
  const nbdkit = start('nbdkit', '-f', '-U', socket, '--filter=error', 'file', image, ...fault)
  await until('nbdkit', () => statSync(socket, { throwIfNoEntry: false }) !== undefined)
  const fuse = start('nbdfuse', device, '--unix', socket)
  await until('nbdfuse', () => statSync(device).size > 0)
  const loop = await run('losetup', '-f', '--show', device)
  // Errors are passed on; the journal gives up by itself, as on every machine.
  const mount = () => run('mount', '-o', 'errors=continue', loop, path)
  await mount()
  const heal = () => rmSync(trigger, { force: true })
  return {
    path,
    fail: () => closeSync(openSync(trigger, 'w')),
    heal,
    async remount() {
      await run('umount', path)
      await mount()
    },
    async close() {
      heal()
      await attempt('umount', '-l', path)
      await attempt('losetup', '-d', loop)
      await attempt('fusermount3', '-uz', device)
      await kill(nbdkit)
      await kill(fuse)
    },
  }
}

/**
 * Makes one that errs late: its image has more room than what holds it, so that writes are taken and only their sync
 * finds that they cannot be kept, as on thin volumes and dying disks.
 */
export async function makeThinDisk(dataDir: string, { sizeMiB }: { sizeMiB: number }): Promise<ErringDisk> {
  const holder = `${dataDir}.holder`
  const path = join(dataDir, 'packs')
  mkdirSync(path, { recursive: true })
  const below = await mountSmallDisk(holder, { sizeMiB })
  const image = join(holder, 'disk.img')
  await makeFileSystem(image, sizeMiB * 2)
  const loop = await run('losetup', '-f', '--show', image)
  const mount = () => run('mount', '-o', 'errors=continue', loop, path)
  await mount()
  return {
    path,
    fail: () => below.fill('bytes'),
    heal: () => below.free(),
    async remount() {
      await run('umount', path)
      await mount()
    },
    async close() {
      below.free()
      await attempt('umount', '-l', path)
      await attempt('losetup', '-d', loop)
      await below.close()
    },
  }
}
