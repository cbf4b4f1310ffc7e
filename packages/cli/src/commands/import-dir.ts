import { routes } from '@pinyon/contract/routes.ts'
import type { ExportedFile } from '@pinyon/contract/schemas/imports.ts'
import type { Context } from '../context.ts'
import { CommandError, PartlyDone } from '../exit.ts'
import { askAgain } from '../moving/ask-again.ts'
import { findCarFile } from '../moving/car-file.ts'
import { dryRun } from '../moving/dry-run.ts'
import { type ImportItem, SourceFailed, typeOf, type Way } from '../moving/import-item.ts'
import { carPath, readManifest, rootName } from '../moving/manifest.ts'
import { importNames } from '../moving/import-names.ts'
import { type EmptyGroup, makeEmptyGroups } from '../moving/manifest-group.ts'
import type { MissingCar } from '../moving/manifest-missing.ts'
import type { WantedPin } from '../moving/manifest-pin.ts'
import { readNames } from '../moving/names-file.ts'
import { incompleteImport } from '../moving/report-import.ts'
import { requireScopes } from '../moving/require-scopes.ts'
import { runImport, scopesOfImport } from '../moving/run-import.ts'
import { countText, safeText } from '../output.ts'

/**
 * Reads an export back: every file with name, key-values, date, network, spelling of the CID, and duplicates. Pins that were
 * waited for are asked for; one that is refused keeps no file from coming. Groups without files are made, too.
 */
export async function importDir(context: Context, dir: string, options: { readonly dryRun?: boolean }): Promise<void> {
  const now = Date.now()
  const items: ImportItem[] = []
  const wanted: WantedPin[] = []
  const emptyGroups: EmptyGroup[] = []
  const missing: MissingCar[] = []
  let over = 0
  for await (const file of readManifest(dir)) {
    if (file.kind === 'wanted') wanted.push(file)
    else if (file.kind === 'group') emptyGroups.push(file)
    else if (file.kind === 'missing') missing.push(file)
    else if (file.expires_at !== null && Date.parse(file.expires_at) <= now) over++
    else items.push(itemOf(file))
  }
  if (over > 0) context.out.note(`${over} files of the export have expired meanwhile and are left out.`)
  const names = await readNames(dir)
  if (missing.length > 0)
    context.out.note(
      `The export says that ${countText(missing.length, 'CAR')} could not be fetched: run ./pinyon export again where it was made.`,
    )
  const wantedThere = `${wanted.length} pins by CID were not there yet`
  if (options.dryRun === true) {
    if (wanted.length > 0) context.out.note(`${wantedThere}; they would be asked for here.`)
    if (emptyGroups.length > 0) context.out.note(`${emptyGroups.length} groups without files would be made.`)
    return dryRun(context, items)
  }
  await requireScopes(context, [
    ...scopesOfImport(items, false),
    ...(wanted.length > 0 ? [routes.psaList, routes.psaAdd] : []),
    ...(wanted.some(({ group }) => group !== null) ? [routes.groupsList, routes.pinByCid] : []),
    ...(names.some(({ key }) => key !== undefined) ? [routes.namesList, routes.namesImport, routes.namesPublish] : []),
  ])
  if (wanted.length > 0) context.out.note(`${wantedThere}; they are asked for here: ./pinyon pins ls`)
  await makeEmptyGroups(context, emptyGroups)
  const refused = await askAgain(context, wanted)
  try {
    await runImport(context, {
      items,
      ways: [fromFolder(dir, missing)],
      atOnce: 8,
      refused,
    })
  } catch (error) {
    // Files that are missing keep no name from coming.
    if (isIncomplete(error)) await importNames(context, names)
    throw error
  }
  // After the files that they lead to.
  await importNames(context, names)
}

/** The CARs of an export; of one that it could not fetch it is told why. */
function fromFolder(dir: string, missing: readonly MissingCar[]): Way {
  const errors = new Map(missing.map(({ cid, error }) => [rootName(cid), error]))
  return async ({ cid }) => {
    const car = await findCarFile(carPath(dir, cid))
    const error = errors.get(rootName(cid))
    if (car === undefined && error !== undefined)
      throw new SourceFailed(`The export could not fetch it, and does when it is run again: ${safeText(error)}`)
    return car
  }
}

function isIncomplete(error: unknown): boolean {
  return error instanceof PartlyDone && error.cause instanceof CommandError && error.cause.reason === incompleteImport
}

function itemOf(file: ExportedFile): ImportItem {
  return {
    source: 'pinyon',
    sourceId: file.id,
    cid: file.cid,
    name: file.name,
    keyvalues: file.keyvalues,
    group: file.group,
    network: file.network,
    createdAt: file.created_at,
    expiresAt: file.expires_at,
    kind: file.kind,
    ...typeOf(file.mime_type),
  }
}
