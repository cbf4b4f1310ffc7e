import { randomBytes } from 'node:crypto'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { makeFolders } from '@pinyon/server/lib/make-folders.ts'

/**
 * Has a file or folder written under another name beside `target` and puts it there when it is whole. Nothing is left
 * of one that was not finished.
 */
export async function writeBeside<T>(target: string, write: (path: string) => Promise<T>): Promise<T> {
  const dir = dirname(target)
  await makeFolders(dir)
  const made = join(dir, `.${basename(target).slice(0, 40)}.${randomBytes(4).toString('hex')}.part`)
  try {
    const result = await write(made)
    await rename(made, target)
    return result
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    throw error
  }
}
