import { join } from 'node:path'
import type { StartOptions } from '../../../acceptance/support/server.ts'
import type { RigContext } from '../../rig.ts'
import { openInstallation, type Installation } from '../../support/installation.ts'
import { makeVolatileDisk, type VolatileDisk } from './volatile-disk.ts'

/** A new installation whose data is on a disk with a volatile cache, for `use`; both are let go of afterwards. */
export async function onVolatileDisk<T>(
  context: RigContext,
  options: StartOptions,
  use: (installation: Installation, disk: VolatileDisk) => Promise<T>,
): Promise<T> {
  const disk = await makeVolatileDisk(join(context.dir, 'disk'), { sizeMiB: 768 })
  try {
    const installation = await openInstallation(context, { ...options, dataDir: join(disk.path, 'data') })
    try {
      return await use(installation, disk)
    } finally {
      await installation.close()
    }
  } finally {
    await disk.close()
  }
}
