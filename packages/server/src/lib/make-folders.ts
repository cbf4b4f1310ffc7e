import { mkdirSync, statSync } from 'node:fs'
import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Makes a folder and those above it that are absent. Throws what the system says. (`mkdir` with `recursive` tries for
 * ever where the system says that nothing is there below a folder that is, as in /proc: nodejs/node, `MKDirpAsync`.)
 */
export async function makeFolders(dir: string, mode = 0o777): Promise<void> {
  if (await isFolder(dir)) return
  try {
    return await mkdir(dir, { mode })
  } catch (error) {
    const above = dirname(dir)
    // The one above may have been made by somebody else meanwhile: then nothing is wrong with making this one again.
    if (isAbsent(error) && above !== dir) await makeFolders(above, mode)
  }
  await mkdir(dir, { mode }).catch(async (error: unknown) => {
    // Made by somebody else meanwhile.
    if (!(await isFolder(dir))) throw error
  })
}

/** As `makeFolders`, at once. */
export function makeFoldersSync(dir: string, mode = 0o777): void {
  const isThere = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
  if (isThere(dir)) return
  try {
    return mkdirSync(dir, { mode })
  } catch (error) {
    const above = dirname(dir)
    if (isAbsent(error) && above !== dir) makeFoldersSync(above, mode)
  }
  try {
    mkdirSync(dir, { mode })
  } catch (error) {
    if (!isThere(dir)) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (info) => info.isDirectory(),
    () => false, // whoever makes it hears why
  )
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
