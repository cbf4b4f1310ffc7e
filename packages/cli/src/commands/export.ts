import { rename, rm, stat } from 'node:fs/promises'
import { routes } from '@pinyon/contract/routes.ts'
import { makeFolders } from '@pinyon/server/lib/make-folders.ts'
import type { Context } from '../context.ts'
import { CommandError, describeFailure, exitCodes, PartlyDone, UsageError } from '../exit.ts'
import { openCountProgress } from '../moving/count-progress.ts'
import { appendMissing } from '../moving/manifest-missing.ts'
import { exportNames } from '../moving/export-names.ts'
import { inParallel } from '../moving/in-parallel.ts'
import { carPath, manifestPath } from '../moving/manifest.ts'
import { type Choice, describeChoice, requireSameExport } from '../moving/manifest-head.ts'
import { namesPath } from '../moving/names-file.ts'
import { requireScopes } from '../moving/require-scopes.ts'
import { saveCar } from '../moving/save-car.ts'
import { isFatal } from '../moving/is-fatal.ts'
import { isWhole, type Listing, writeListing } from '../moving/write-listing.ts'
import { bytesText, countText, safeText } from '../output.ts'
import { isDiskFull, systemWords } from '../system-error.ts'

/** Options of `export`. */
export interface ExportOptions extends Choice {
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
 * Writes the account into a folder: a CAR for each root, and a manifest of all files, which comes last and says which
 * CARs could not be fetched. Run again, it fetches what is not there yet.
 */
export async function exportAll(context: Context, dir: string, options: ExportOptions): Promise<void> {
  if (options.withNameKeys === true && !isWhole(options))
    throw new UsageError('--with-name-keys: names belong to an export of everything, or of all that is public.')
  const ofNames = [routes.namesList, routes.namesHistory, routes.namesExport]
  const about = await requireScopes(context, [
    routes.filesManifest,
    routes.filesContent,
    ...(options.withNameKeys === true ? ofNames : []),
  ])
  const exported = { account: about.account.id, what: describeChoice(options, about) }
  await makeFolder(dir)
  await requireSameExport(dir, manifestPath(dir), exported)
  const listing = `${manifestPath(dir)}.part`
  let written: Listing
  try {
    written = await writeListing(context, listing, { choice: options, exported })
  } catch (error) {
    await rm(listing, { force: true })
    throw isDiskFull(error) ? diskFull(dir, error) : error
  }
  const { roots, files, wanted, emptyGroups } = written
  const leftOut: string[] = [...written.leftOut]
  const failed: Failed[] = []
  const sums = { fetched: 0, kept: 0, bytes: 0 }
  let names: number | undefined = 0
  const progress = openCountProgress('CARs', roots.size, context.out)
  try {
    await inParallel(roots, atOnce, async ([root, file]) => {
      context.signal.throwIfAborted()
      const path = carPath(dir, root)
      const there = await sizeOf(path)
      try {
        if (there === undefined) {
          const bytes = await saveCar(context, file, path, (more) => progress.add(more))
          // Others have added theirs meanwhile.
          sums.bytes += bytes
          sums.fetched++
        } else sums.kept++
      } catch (error) {
        if (isFatal(error) || isDiskFull(error)) throw error
        failed.push({ cid: file.cid, error: describeFailure(error).message.replace(/\n.*/s, '') })
      }
      progress.done()
    })
    if (isWhole(options)) names = await exportNames(context, dir, { withKeys: options.withNameKeys === true })
    await appendMissing(listing, failed)
    await rename(listing, manifestPath(dir))
  } catch (error) {
    progress.stop()
    await rm(listing, { force: true })
    const there = `${sums.fetched + sums.kept} of ${roots.size} CARs are there.`
    if (isDiskFull(error)) throw diskFull(dir, error, `${there} `)
    if (context.signal.aborted || sums.fetched > 0) context.out.note(`${there} Run the same command again to go on.`)
    throw error
  }
  progress.stop()
  if (names === undefined) leftOut.push('names')
  if (names !== undefined && names > 0)
    context.out.note(options.withNameKeys === true ? keysAreThere(dir) : keysAreLeftOut(names))
  const result = { dir, files, wanted, emptyGroups, names: names ?? 0, roots: roots.size, ...sums, failed, leftOut }
  if (failed.length > 0) throw new PartlyDone(incomplete(failed, roots.size), [result])
  context.out.result(
    result,
    `${safeText(dir)}/  ${countText(files, 'file')}, ${countText(roots.size, 'CAR')}: ${sums.fetched} fetched (${bytesText(sums.bytes)}), ${sums.kept} were there. ${leftOut.length === 0 ? 'Nothing is missing.' : `No file is missing; left out: ${leftOut.join(', ')}.`}`,
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
    [
      `${failed.length} of ${roots} CARs are missing, and the manifest says so. Run the same command again: it fetches them alone.`,
      ...shown,
    ].join('\n'),
    { reason: 'INCOMPLETE_EXPORT', exitCode: exitCodes.failed },
  )
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size
  } catch {
    return undefined // not there, which is what is asked
  }
}
