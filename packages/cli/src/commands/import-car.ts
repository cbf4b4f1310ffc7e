import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { formatCid } from '@pinyon/server/ipfs/cid.ts'
import { readCarRoots } from '@pinyon/server/ipfs/read-car.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { unreadable } from '../local-files.ts'
import { findCarFile } from '../moving/car-file.ts'
import { dryRun } from '../moving/dry-run.ts'
import type { ImportItem, Way } from '../moving/import-item.ts'
import { runImport } from '../moving/run-import.ts'
import { safeText } from '../output.ts'
import { systemWords } from '../system-error.ts'

/** Options of `import car`. */
export interface ImportCarOptions {
  readonly public?: boolean
  readonly name?: string
  readonly keyvalue: readonly string[]
  readonly dryRun?: boolean
}

/** Imports CARs, each as the file that its one root names. Private unless --public. */
export async function importCar(context: Context, paths: readonly string[], options: ImportCarOptions): Promise<void> {
  if (options.name !== undefined && paths.length > 1)
    throw new UsageError('--name goes with one CAR: each becomes a file of its own.')
  const keyvalues = readKeyvalues(options.keyvalue)
  const pathOf = new Map<ImportItem, string>()
  for (const [path, cid] of await rootsOf(paths)) {
    const item: ImportItem = {
      source: 'car',
      sourceId: undefined,
      cid,
      name: options.name ?? basename(path).replace(/\.car$/i, ''),
      keyvalues,
      network: options.public === true ? 'public' : 'private',
      createdAt: undefined,
      expiresAt: null,
      kind: 'upload',
    }
    pathOf.set(item, path)
  }
  const items = [...pathOf.keys()]
  if (options.dryRun === true) return dryRun(context, items)
  const fromFile: Way = async (item) => findCarFile(pathOf.get(item) ?? '')
  await runImport(context, { items, ways: [fromFile], atOnce: 2 })
}

/** The root of each CAR. Throws UsageError that names all of those that cannot be imported. */
async function rootsOf(paths: readonly string[]): Promise<[path: string, cid: string][]> {
  const roots: [string, string][] = []
  const problems: UsageError[] = []
  for (const path of paths) {
    try {
      roots.push([path, await rootOf(path)])
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      problems.push(error)
    }
  }
  const [first, ...others] = problems
  if (first === undefined) return roots
  if (others.length === 0) throw first
  const lines = problems.map(({ message }) => `  ${message}`)
  throw new UsageError(
    [`${problems.length} of ${paths.length} CARs cannot be imported. Nothing was sent.`, ...lines].join('\n'),
  )
}

async function rootOf(path: string): Promise<string> {
  let roots
  try {
    roots = await readCarRoots(createReadStream(path))
  } catch (error) {
    if (systemWords(error) !== undefined) throw unreadable(path, error)
    throw new UsageError(`${safeText(path)}: ${error instanceof Error ? error.message : String(error)}.`)
  }
  const [root] = roots
  if (root !== undefined && roots.length === 1) return formatCid(root)
  throw new UsageError(
    `${safeText(path)} names ${roots.length} roots, and a file has one. Split it into CARs of one root each${
      roots.length === 0 ? '' : `: ${roots.map(formatCid).join(', ')}`
    }.`,
  )
}
