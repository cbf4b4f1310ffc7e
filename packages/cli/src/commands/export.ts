import { open, rename, rm, stat } from 'node:fs/promises'
import { routes } from '@pinyon/contract/routes.ts'
import type { ExportedFile } from '@pinyon/contract/schemas/imports.ts'
import { makeFolders } from '@pinyon/server/lib/make-folders.ts'
import type { Context } from '../context.ts'
import { CommandError, describeFailure, exitCodes, PartlyDone, UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { openCountProgress } from '../moving/count-progress.ts'
import { exportNames } from '../moving/export-names.ts'
import { inParallel } from '../moving/in-parallel.ts'
import { carPath, manifestHead, manifestPath, rootName } from '../moving/manifest.ts'
import { groupKey, listEmptyGroups } from '../moving/manifest-group.ts'
import { listWantedPins } from '../moving/manifest-pin.ts'
import { namesPath } from '../moving/names-file.ts'
import { saveCar } from '../moving/save-car.ts'
import { isFatal } from '../moving/is-fatal.ts'
import { bytesText, safeText } from '../output.ts'
import { isDiskFull, systemWords } from '../system-error.ts'
import { networks } from './find-file.ts'

/** Options of `export`. */
export interface ExportOptions {
  readonly public?: boolean
  readonly private?: boolean
  readonly name?: string
  readonly keyvalue: readonly string[]
  /** With the private keys of IPNS names. */
  readonly withNameKeys?: boolean
}

/** CARs that are fetched at a time. */
const atOnce = 4

interface Failed {
  readonly cid: string
  readonly error: string
}

/**
 * Writes the account into a folder: a CAR for each root, and a manifest of all files, which comes last and says that
 * the export is whole. Run again, it fetches what is not there yet.
 */
export async function exportAll(context: Context, dir: string, options: ExportOptions): Promise<void> {
  if (options.withNameKeys === true && !isWhole(options))
    throw new UsageError('--with-name-keys: names belong to an export of everything, or of all that is public.')
  await makeFolder(dir)
  const listing = `${manifestPath(dir)}.part`
  let written: Listing
  try {
    written = await writeListing(context, listing, options)
  } catch (error) {
    await rm(listing, { force: true })
    throw isDiskFull(error) ? diskFull(dir, error) : error
  }
  const { roots, files, wanted, emptyGroups } = written
  const failed: Failed[] = []
  const sums = { fetched: 0, kept: 0, bytes: 0 }
  const progress = openCountProgress('CARs', roots.size, context.out)
  try {
    await inParallel(roots, atOnce, async ([root, file]) => {
      context.signal.throwIfAborted()
      const path = carPath(dir, root)
      const there = await sizeOf(path)
      try {
        if (there === undefined) {
          sums.bytes += await saveCar(context, file, path, (bytes) => progress.add(bytes))
          sums.fetched++
        } else sums.kept++
      } catch (error) {
        if (isFatal(error) || isDiskFull(error)) throw error
        failed.push({ cid: file.cid, error: describeFailure(error).message })
      }
      progress.done()
    })
  } catch (error) {
    await rm(listing, { force: true })
    if (!isDiskFull(error)) throw error
    throw diskFull(dir, error, `${sums.fetched + sums.kept} of ${roots.size} CARs are there. `)
  } finally {
    progress.stop()
  }
  const names = isWhole(options) ? await exportNames(context, dir, { withKeys: options.withNameKeys === true }) : 0
  if (names > 0) context.out.note(options.withNameKeys === true ? keysAreThere(dir) : keysAreLeftOut(names))
  await rename(listing, manifestPath(dir))
  const result = { dir, files, wanted, emptyGroups, names, roots: roots.size, ...sums, failed }
  if (failed.length > 0) throw new PartlyDone(incomplete(failed, roots.size), [result])
  context.out.result(
    result,
    `${safeText(dir)}/  ${files} files, ${roots.size} CARs: ${sums.fetched} fetched (${bytesText(sums.bytes)}), ${sums.kept} were there. Nothing is missing.`,
  )
}

async function makeFolder(dir: string): Promise<void> {
  try {
    await makeFolders(dir)
  } catch (error) {
    throw new UsageError(`The folder ${dir} cannot be made: ${systemWords(error) ?? describeFailure(error).message}.`, {
      cause: error,
    })
  }
}

function diskFull(dir: string, cause: unknown, there = ''): CommandError {
  return new CommandError(`The disk of ${dir} is full. ${there}Make room, and run the same command again to go on.`, {
    reason: 'DISK_FULL',
    exitCode: exitCodes.quota,
    cause,
  })
}

function keysAreThere(dir: string): string {
  return `${safeText(namesPath(dir))} holds the private keys of your IPNS names: whoever reads it publishes under them. Keep it as you keep passwords.`
}

function keysAreLeftOut(names: number): string {
  return `${names} IPNS names were written without their private keys, which --with-name-keys adds: without them they cannot be published elsewhere.`
}

function incomplete(failed: readonly Failed[], roots: number): CommandError {
  const shown = failed.slice(0, 20).map(({ cid, error }) => `  ${safeText(cid)}: ${safeText(error)}`)
  return new CommandError(
    [`${failed.length} of ${roots} CARs are missing. Run the same command again.`, ...shown].join('\n'),
    { reason: 'INCOMPLETE_EXPORT', exitCode: exitCodes.failed },
  )
}

/** What was listed: one file for each root. */
interface Listing {
  readonly roots: ReadonlyMap<string, { readonly id: string; readonly cid: string }>
  readonly files: number
  readonly wanted: number
  readonly emptyGroups: number
}

/** The manifest under another name. */
async function writeListing(context: Context, path: string, options: ExportOptions): Promise<Listing> {
  const roots = new Map<string, { readonly id: string; readonly cid: string }>()
  let files = 0
  let wanted = 0
  let emptyGroups = 0
  const named = new Set<string>()
  const listing = await open(path, 'w')
  try {
    await listing.write(`${JSON.stringify(manifestHead)}\n`)
    for await (const page of listPages(context, options)) {
      files += page.length
      for (const { id, cid, network, group } of page) {
        if (!roots.has(rootName(cid))) roots.set(rootName(cid), { id, cid })
        if (group !== null) named.add(groupKey({ network, name: group }))
      }
      await listing.write(page.map((file) => `${JSON.stringify(file)}\n`).join(''))
    }
    if (isWhole(options)) {
      for await (const pin of listWantedPins(context)) {
        await listing.write(`${JSON.stringify(pin)}\n`)
        wanted++
        if (pin.group !== null) named.add(groupKey({ network: 'public', name: pin.group }))
      }
    }
    if (options.name === undefined && options.keyvalue.length === 0) {
      const empty = await listEmptyGroups(context, networksOf(options), named)
      emptyGroups = empty.length
      await listing.write(empty.map((group) => `${JSON.stringify(group)}\n`).join(''))
    }
    await listing.sync()
  } finally {
    await listing.close()
  }
  return { roots, files, wanted, emptyGroups }
}

/** Pins that are not here yet belong to an export of everything, or of all that is public. */
function isWhole({ name, keyvalue, private: isPrivate, public: isPublic }: ExportOptions): boolean {
  return name === undefined && keyvalue.length === 0 && (isPrivate !== true || isPublic === true)
}

async function* listPages(context: Context, options: ExportOptions): AsyncGenerator<ExportedFile[]> {
  const client = await context.client()
  const keyvalues = Object.entries(readKeyvalues(options.keyvalue))
  const filters = {
    ...Object.fromEntries(keyvalues.map(([key, value]) => [`keyvalues[${key}]`, value])),
    name: options.name,
  }
  for (const network of networksOf(options)) {
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
function networksOf(options: ExportOptions) {
  return networks.filter((network) => options.public === options.private || options[network] === true)
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined // not there, which is what is asked
  }
}
