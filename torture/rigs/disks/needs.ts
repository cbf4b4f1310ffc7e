import { accessSync, constants, existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Need } from '../../rig.ts'

/** Mounting and loop devices are for root alone. */
export const root: Need = {
  name: 'root',
  missing: () => (process.getuid?.() === 0 ? undefined : 'it mounts file systems: run it as root'),
}

/** FUSE, by which a disk is shown that a program makes up. */
const fuse: Need = {
  name: '/dev/fuse',
  missing: () => (existsSync('/dev/fuse') ? undefined : 'there is no /dev/fuse'),
}

/** Programs of a Debian package. */
export function programs(pack: string, ...names: string[]): Need {
  return {
    name: pack,
    missing() {
      const absent = names.filter((name) => !isThere(name))
      return absent.length === 0 ? undefined : `${absent.join(', ')} not found: apt-get install ${pack}`
    },
  }
}

/** What a disk with a volatile cache, or one that errs, is made of. */
export const madeUpDisk: readonly Need[] = [
  root,
  fuse,
  programs('nbdkit', 'nbdkit'),
  programs('libnbd-bin', 'nbdfuse'),
  programs('fuse3', 'fusermount3'),
  programs('e2fsprogs', 'mkfs.ext4'),
]

/** An ext4 file system on a loop device. */
export const mountable: readonly Need[] = [root, programs('e2fsprogs', 'mkfs.ext4')]

/** What copies images in milliseconds. */
export const reflinks: readonly Need[] = [root, programs('xfsprogs', 'mkfs.xfs')]

/** What makes system calls fail. */
export const strace: Need = programs('strace', 'strace')

function isThere(program: string): boolean {
  const dirs = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/sbin']
  return dirs.some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}
