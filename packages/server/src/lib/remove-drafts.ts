import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A draft is there for some milliseconds; one as old as this is nobody's. */
const draftMs = 60_000

/**
 * Removes files in `dir` that were to be moved to their names and that a process which ended left behind: all that
 * `isDraft` knows for who has the folder alone, else the old ones.
 */
export async function removeDrafts(
  dir: string,
  isDraft: (name: string) => boolean,
  { isAlone }: { isAlone: boolean },
): Promise<void> {
  for (const name of await readdir(dir)) {
    if (!isDraft(name)) continue
    const draft = join(dir, name)
    const written = isAlone ? undefined : await stat(draft).catch(() => undefined)
    // Another process may have moved it meanwhile.
    if (isAlone || (written !== undefined && Date.now() - written.mtimeMs > draftMs)) await rm(draft, { force: true })
  }
}
