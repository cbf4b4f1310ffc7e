import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { networks } from '../commands/find-file.ts'
import type { Context } from '../context.ts'
import type { Outcome } from './import-item.ts'
import { rootName } from './manifest.ts'

/** Up to so many files are asked for one by one; for more, the lists are read. */
export const fewFiles = 100

/** What was named where it comes from, and what of it is here. */
export interface Comparison {
  readonly source: { readonly files: number; readonly cids: number }
  readonly here: { readonly files: number; readonly cids: number }
  readonly missing: readonly Outcome[]
}

/** Asks the server anew what it holds, whatever it answered before, and compares files and CIDs. */
export async function compareWithHere(context: Context, outcomes: readonly Outcome[]): Promise<Comparison> {
  const ids = outcomes.flatMap(({ id }) => id ?? [])
  const held = ids.length <= fewFiles ? await askEach(context, ids) : await readLists(context, new Set(ids))
  const isHere = ({ id, item }: Outcome) => id !== undefined && held.get(id) === item.cid
  const here = outcomes.filter(isHere)
  return {
    source: { files: outcomes.length, cids: countCids(outcomes) },
    here: { files: here.length, cids: countCids(here) },
    missing: outcomes.filter((outcome) => !isHere(outcome)),
  }
}

async function askEach(context: Context, ids: readonly string[]): Promise<Map<string, string>> {
  const client = await context.client()
  const held = new Map<string, string>()
  for (const id of ids) {
    try {
      const file = await client.call(routes.filesGetAny, { params: { id }, signal: context.signal })
      held.set(id, file.cid)
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 404)) throw error
    }
  }
  return held
}

async function readLists(context: Context, ids: ReadonlySet<string>): Promise<Map<string, string>> {
  const client = await context.client()
  const held = new Map<string, string>()
  for (const network of networks) {
    for (let pageToken: string | undefined; ;) {
      const query = { limit: 1_000, pageToken }
      const page = await client.call(routes.filesManifest, { params: { network }, query, signal: context.signal })
      for (const { id, cid } of page.files) if (ids.has(id)) held.set(id, cid)
      if (page.next_page_token === null) break
      pageToken = page.next_page_token
    }
  }
  return held
}

function countCids(outcomes: readonly Outcome[]): number {
  return new Set(outcomes.map(({ item }) => nameOf(item.cid))).size
}

function nameOf(cid: string): string {
  try {
    return rootName(cid)
  } catch {
    return cid // what is no CID counts as it is written
  }
}
