import { routes } from '@pinyon/contract/routes.ts'
import { plural } from '../lib/plural.ts'
import { offerUndo } from '../lib/undo.ts'
import { followBulk } from './bulk.ts'
import { client } from './client.ts'
import type { File } from './files.ts'
import { refreshGroups } from './groups.ts'

/** Files of one network, as moving them needs them. */
export type Moved = Pick<File, 'id' | 'network' | 'name' | 'cid' | 'group_id'>

/** A file that was not moved, and why. */
export interface NotMoved {
  readonly item: Moved
  readonly error: Error
}

/**
 * Moves files into a group, or out of theirs (`null`), and offers to put them back where they were. Answers those that
 * were not moved. Fails as a whole where the server refuses the whole.
 */
export async function moveFiles(
  files: readonly Moved[],
  { groupId, words }: { readonly groupId: string | null; readonly words: string },
): Promise<NotMoved[]> {
  const failures = await moveAll(files, groupId)
  await refreshGroups()
  const failed = new Set(failures.map(({ item }) => item.id))
  const moved = files.filter(({ id, group_id }) => !failed.has(id) && group_id !== groupId)
  if (moved.length > 0) offerUndo({ words: `${plural(moved.length, 'file')} ${words}`, undo: () => putBack(moved) })
  return failures
}

async function putBack(files: readonly Moved[]): Promise<void> {
  try {
    for (const [groupId, members] of Map.groupBy(files, ({ group_id }) => group_id)) {
      const [first] = await moveAll(members, groupId)
      if (first !== undefined) throw first.error
    }
  } finally {
    await refreshGroups()
  }
}

async function moveAll(files: readonly Moved[], groupId: string | null): Promise<NotMoved[]> {
  const network = files[0]?.network ?? 'public'
  const body = { network, ids: files.map(({ id }) => id), group_id: groupId }
  const { job, results } = await client.call(routes.bulkMove, { body })
  const bad = job === null ? results.filter(({ state }) => state !== 'done') : (await followBulk(job.id)).failures
  return bad.flatMap(({ item: id, message }) => {
    const item = files.find((file) => file.id === id)
    return item === undefined ? [] : [{ item, error: new Error(message ?? 'It was not moved.') }]
  })
}
