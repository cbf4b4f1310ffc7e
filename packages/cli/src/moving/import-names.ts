import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { NameInExport } from '@pinyon/contract/schemas/names.ts'
import { namesOf } from '../commands/names.ts'
import type { Context } from '../context.ts'
import { safeText } from '../output.ts'

/** What came of the names of an export. */
export interface NamesBrought {
  readonly imported: number
  readonly here: number
  readonly withoutKey: number
}

/**
 * Brings names by their keys, with their history, and publishes what each led to under the next number. Those that are
 * here already are passed over, but for one that nothing was published under since; those without a key are told of.
 */
export async function importNames(context: Context, names: readonly NameInExport[]): Promise<NamesBrought> {
  const sums = { imported: 0, here: 0, withoutKey: 0 }
  if (names.length === 0) return sums
  const here = new Map<string, { readonly id: string; readonly value: string | null }>()
  const labels = new Set<string>()
  try {
    for await (const { id, name, label, value } of namesOf(context)) {
      here.set(name, { id, value })
      labels.add(label)
    }
  } catch (error) {
    // Without a key none of them can be brought, whatever is here.
    const isOfNoUse = names.every(({ key }) => key === undefined)
    if (!(isOfNoUse && error instanceof ApiError && error.status === 403)) throw error
  }
  for (const name of names) {
    const known = here.get(name.name)
    if (known?.value === null) await publish(context, known.id, name)
    if (known !== undefined) sums.here++
    else if (name.key === undefined) sums.withoutKey++
    else {
      const label = freeLabel(name.label, labels)
      labels.add(label)
      await publish(context, await bring(context, { ...name, label, key: name.key }), name)
      sums.imported++
    }
  }
  if (sums.withoutKey > 0)
    context.out.note(
      `${sums.withoutKey} IPNS names of the export have no key in it and cannot be published here. Write them with ./pinyon export --with-name-keys, or bring each by ./pinyon names import.`,
    )
  if (sums.imported > 0)
    context.out.note(
      `${sums.imported} IPNS names were brought. Publish each in one place only: remove them where they come from.`,
    )
  return sums
}

async function bring(context: Context, name: NameInExport & { readonly key: string }): Promise<string> {
  const { label, key, sequence, lifetimeSeconds, ttlSeconds, history } = name
  const client = await context.client()
  const body = { label, key, sequence, lifetimeSeconds, ttlSeconds, history }
  const { id } = await client.call(routes.namesImport, { body, signal: context.signal })
  return id
}

/** Also what is not here yet: the files of the export may have been left out, or are waited for. */
async function publish(context: Context, id: string, { label, value }: NameInExport): Promise<void> {
  if (value === null) return
  const client = await context.client()
  try {
    await client.call(routes.namesPublish, {
      params: { id },
      body: { cid: value, confirm: true },
      signal: context.signal,
    })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status >= 500 || error.status === 401) throw error
    context.out.note(`The name ${safeText(label)} is here, but leads nowhere yet: ${safeText(error.message)}`)
  }
}

function freeLabel(label: string, taken: ReadonlySet<string>): string {
  for (let number = 1; ; number++) {
    const ending = number === 1 ? '' : ` (${number})`
    const free = `${label.slice(0, 100 - ending.length)}${ending}`
    if (!taken.has(free)) return free
  }
}
