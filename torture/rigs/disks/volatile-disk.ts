import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, kill, run, start, until } from './command.ts'

/**
 * A disk with a volatile cache, as disks have: what no flush has moved from its cache is gone when the power is cut.
 * ext4 on a loop device on nbdfuse on nbdkit, whose cache keeps every write until a flush moves it to the image file.
 */
export interface VolatileDisk {
  /** Where it is mounted while it has power. */
  readonly path: string
  /** The image: what a power cut at this moment would leave. */
  readonly image: string
  /** Cuts the power: the cache is lost, and whoever still writes gets errors. To be followed by killing them. */
  cutPower(): void
  /** Gives it power again, mounted; the file system replays its journal. */
  powerOn(): Promise<void>
  /** Lets go of everything; the image stays. */
  close(): Promise<void>
}

/** Makes an empty disk, with power, of `sizeMiB` in the folder `dir`, whose file system holds the image. */
export async function makeVolatileDisk(dir: string, { sizeMiB }: { sizeMiB: number }): Promise<VolatileDisk> {
  mkdirSync(dir, { recursive: true })
  const image = join(dir, 'disk.img')
  await makeFileSystem(image, sizeMiB)
  const path = join(dir, 'mounted')
  mkdirSync(path)
  let power: Power | undefined = await connect(dir, image, path)
  const letGo = async () => {
    await power?.letGo()
    power = undefined
  }
  return {
    path,
    image,
    cutPower: () => power?.cut(),
    async powerOn() {
      await letGo()
      power = await connect(dir, image, path)
    },
    close: letGo,
  }
}

/** An ext4 file system in a new image file, without blocks for root: a full disk is to be full. */
export async function makeFileSystem(image: string, sizeMiB: number): Promise<void> {
  await run('truncate', '-s', `${sizeMiB}M`, image)
  await run('mkfs.ext4', '-q', '-F', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image)
}

interface Power {
  cut(): void
  letGo(): Promise<void>
}

async function connect(dir: string, image: string, path: string): Promise<Power> {
  const socket = join(dir, 'nbd.sock')
  const device = join(dir, 'device')
  rmSync(socket, { force: true })
  writeFileSync(device, '')
  const nbdkit = start('nbdkit', '-f', '-U', socket, '--filter=cache', 'file', image, 'cache=writeback')
  await until('nbdkit', () => statSync(socket, { throwIfNoEntry: false }) !== undefined)
  const fuse = start('nbdfuse', device, '--unix', socket)
  await until('nbdfuse', () => statSync(device).size > 0)
  const loop = await run('losetup', '-f', '--show', device)
  await run('mount', loop, path)
  return {
    // Not awaited: at the moment it returns the signal is sent, and the machine is without its disk.
    cut: () => void nbdkit.kill('SIGKILL'),
    async letGo() {
      // With power nothing is lost by it: this flushes. Without, ext4 gets errors and lets go all the same.
      await attempt('umount', '-l', path)
      await attempt('losetup', '-d', loop)
      await attempt('fusermount3', '-uz', device)
      await kill(nbdkit)
      await kill(fuse)
      // Only when the last holder is gone may the image be used again.
      await until('the loop device to be free', async () => !(await run('losetup', '-a')).includes(device))
    },
  }
}
