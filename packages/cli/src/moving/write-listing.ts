import { open } from 'node:fs/promises'
import { routes } from '@pinyon/contract/routes.ts'
import type { ExportedFile } from '@pinyon/contract/schemas/imports.ts'
import { networks } from '../commands/find-file.ts'
import type { Context } from '../context.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { rootName } from './manifest.ts'
import { emptyGroupsOf, groupKey, groupsIfAllowed } from './manifest-group.ts'
import { type Choice, type Exported, headOf } from './manifest-head.ts'
import { wantedIfAllowed } from './manifest-pin.ts'

/** What was listed: one file for each root. */
export interface Listing {
  readonly roots: ReadonlyMap<string, { readonly id: string; readonly cid: string }>
  readonly files: number
  readonly wanted: number
  readonly emptyGroups: number
  /** What the key may not list. */
  readonly leftOut: readonly ('groups' | 'wanted')[]
}

/** Writes the lines of a manifest: files, pins that are waited for, groups that neither names. What the key may not list is left out, and told of once. */
export async function writeListing(
  context: Context,
  path: string,
  { choice, exported }: { readonly choice: Choice; readonly exported: Exported },
): Promise<Listing> {
  const roots = new Map<string, { readonly id: string; readonly cid: string }>()
  let files = 0
  let wanted = 0
  let emptyGroups = 0
  const leftOut: Listing['leftOut'][number][] = []
  const named = new Set<string>()
  const listing = await open(path, 'w')
  try {
    await listing.write(`${headOf(exported)}\n`)
    for await (const page of listPages(context, choice)) {
      files += page.length
      for (const { id, cid, network, group } of page) {
        if (!roots.has(rootName(cid))) roots.set(rootName(cid), { id, cid })
        if (group !== null) named.add(groupKey({ network, name: group }))
      }
      await listing.write(page.map((file) => `${JSON.stringify(file)}\n`).join(''))
    }
    if (choice.name === undefined && choice.keyvalue.length === 0) {
      const groups = await groupsIfAllowed(context, networksOf(choice))
      if (groups === undefined) leftOut.push('groups')
      const pins = isWhole(choice) ? await wantedIfAllowed(context, groups ?? []) : []
      if (pins === undefined) leftOut.push('wanted')
      for await (const pin of pins ?? []) {
        await listing.write(`${JSON.stringify(pin)}\n`)
        wanted++
        if (pin.group !== null) named.add(groupKey({ network: 'public', name: pin.group }))
      }
      const empty = emptyGroupsOf(groups ?? [], named)
      emptyGroups = empty.length
      await listing.write(empty.map((group) => `${JSON.stringify(group)}\n`).join(''))
    }
    await listing.sync()
  } finally {
    await listing.close()
  }
  return { roots, files, wanted, emptyGroups, leftOut }
}

/** Pins that are not here yet, and names, belong to an export of everything, or of all that is public. */
export function isWhole({ name, keyvalue, private: isPrivate, public: isPublic }: Choice): boolean {
  return name === undefined && keyvalue.length === 0 && (isPrivate !== true || isPublic === true)
}

async function* listPages(context: Context, choice: Choice): AsyncGenerator<ExportedFile[]> {
  const client = await context.client()
  const keyvalues = Object.entries(readKeyvalues(choice.keyvalue))
  const filters = {
    ...Object.fromEntries(keyvalues.map(([key, value]) => [`keyvalues[${key}]`, value])),
    name: choice.name,
  }
  for (const network of networksOf(choice)) {
    for (let pageToken: string | undefined; ;) {
      const query = { ...filters, limit: 1_000, pageToken }
      const page = await client.call(routes.filesManifest, { params: { network }, query, signal: context.signal })
      yield page.files
      if (page.next_page_token === null) break
      pageToken = page.next_page_token
    }
  }
}

/** Both without a choice, and when both are chosen. */
function networksOf(choice: Choice) {
  return networks.filter((network) => choice.public === choice.private || choice[network] === true)
}
