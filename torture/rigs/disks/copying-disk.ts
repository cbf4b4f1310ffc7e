import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { attempt, run } from './command.ts'

/** A file system whose files are copied in milliseconds and at one moment: XFS shares their blocks (reflinks). */
export interface CopyingDisk {
  /** Where images that are to be copied lie. */
  readonly path: string
  /** Copies an image as it is at this moment, before it returns: nothing of this process goes on meanwhile. */
  copy(image: string, name: string): string
  /** Mounts a copy, as a machine does that starts after the power was cut. */
  mount(copy: string): Promise<MountedCopy>
  close(): Promise<void>
}

/** A copy that a server can start on. */
interface MountedCopy {
  readonly path: string
  /** Unmounts it and removes it. */
  remove(): Promise<void>
}

/** Makes one of `sizeMiB` in the folder `dir`; its file is sparse. */
export async function makeCopyingDisk(dir: string, { sizeMiB }: { sizeMiB: number }): Promise<CopyingDisk> {
  const path = join(dir, 'copies')
  mkdirSync(path, { recursive: true })
  const image = join(dir, 'copies.img')
  await run('truncate', '-s', `${sizeMiB}M`, image)
  await run('mkfs.xfs', '-q', '-f', '-m', 'reflink=1', image)
  await run('mount', '-o', 'loop', image, path)
  return {
    path,
    copy(from, name) {
      const to = join(path, `${name}.img`)
      execFileSync('cp', ['--reflink=always', from, to])
      return to
    },
    async mount(copy) {
      const at = `${copy}.mounted`
      mkdirSync(at)
      await run('mount', '-o', 'loop', copy, at)
      return {
        path: at,
        async remove() {
          await run('umount', at)
          rmSync(at, { recursive: true })
          rmSync(copy)
        },
      }
    },
    async close() {
      await attempt('umount', '-l', path)
      rmSync(image, { force: true })
    },
  }
}
