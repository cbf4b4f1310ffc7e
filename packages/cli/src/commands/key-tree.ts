import type { AnswerOf } from '@pinyon/contract/client.ts'
import { describePermissions } from '@pinyon/contract/describe-permissions.ts'
import type { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { safeText, table } from '../output.ts'
import { shorten } from '../text-width.ts'
import { findKey, readKeys } from './keys.ts'

type KeyDetail = AnswerOf<typeof routes.keysGet>

/** Shows a key with those below it, each under its parent; without a key every tree of the account. */
export async function showTree(context: Context, which: string | undefined): Promise<void> {
  const top = which === undefined ? undefined : await findKey(context, which)
  const keys = top === undefined ? await readKeys(context, {}) : [top, ...(await readKeys(context, { within: top.id }))]
  const ids = new Set(keys.map(({ id }) => id))
  const parents = new Set(keys.flatMap(({ parentId }) => (parentId === null ? [] : [parentId])))
  // A key whose parent is not shown is a root here; roots without children are no trees.
  const roots = keys.filter(({ id, parentId }) => {
    const isRoot = parentId === null || !ids.has(parentId) || id === top?.id
    return isRoot && (top !== undefined || parents.has(id) || parentId !== null)
  })
  const lines = roots.flatMap((root) => linesOf(root, keys, 0))
  context.out.result(
    lines.map(({ key }) => key),
    () =>
      lines.length === 0
        ? 'No key has children. ./pinyon keys create NAME --parent KEY makes one.'
        : table(
            ['NAME', 'KEY', 'MAY', 'BOUND TO', 'STATE'],
            lines.map(({ key, depth }) => [
              `${'  '.repeat(depth)}${shorten(safeText(key.name), context.out.nameColumns)}`,
              key.publicPart,
              shorten(describePermissions(key.permissions), context.out.nameColumns),
              describeBounds(key.bounds),
              key.state,
            ]),
          ),
  )
}

function linesOf(key: KeyDetail, keys: readonly KeyDetail[], depth: number): { key: KeyDetail; depth: number }[] {
  const children = keys.filter(({ parentId }) => parentId === key.id)
  return [{ key, depth }, ...children.flatMap((child) => linesOf(child, keys, depth + 1))]
}

/** Bounds in a few words. */
function describeBounds(bounds: KeyDetail['bounds']): string {
  return bounds === null ? '' : Object.keys(bounds).join(', ')
}
