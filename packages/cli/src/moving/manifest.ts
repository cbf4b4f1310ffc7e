import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { ExportedFile } from '@pinyon/contract/schemas/imports.ts'
import { formatCid, parseCid } from '@pinyon/server/ipfs/cid.ts'
import { UsageError } from '../exit.ts'
import { unreadable } from '../local-files.ts'
import { systemWords } from '../system-error.ts'
import { type EmptyGroup, readEmptyGroup } from './manifest-group.ts'
import { manifestHead } from './manifest-head.ts'
import { type MissingCar, readMissingCar } from './manifest-missing.ts'
import { readWantedPin, type WantedPin } from './manifest-pin.ts'
import { NoLines, readLines } from './read-lines.ts'

/** The manifest of an export. */
export function manifestPath(dir: string): string {
  return join(dir, 'manifest.ndjson')
}

/** Where the CAR of a root lies, one for all spellings of its CID. Its name is the CID of version 1 in base32. */
export function carPath(dir: string, cid: string): string {
  const name = rootName(cid)
  return join(dir, 'cars', name.slice(-2), `${name}.car`)
}

/** The one spelling by which roots are told apart. Throws for what is no CID. */
export function rootName(cid: string): string {
  const { codec, multihash } = parseCid(cid)
  return formatCid({ version: 1, codec, multihash })
}

/** A line of an export behind its first. */
export type ManifestLine = ExportedFile | WantedPin | EmptyGroup | MissingCar

/** The lines of an export, in its order: files, pins that were waited for, groups without either, CARs that are missing. Throws UsageError for a folder that is none, or a line that cannot be read. */
export async function* readManifest(dir: string): AsyncGenerator<ManifestLine> {
  const path = manifestPath(dir)
  let number = 0
  try {
    for await (const line of readLines(createReadStream(path))) {
      number++
      if (number === 1) requireHead(path, line)
      else if (line !== '') yield readLine(path, number, line)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new UsageError(`${dir} holds no manifest.ndjson: it is no export, or one that was not finished.`)
    if (systemWords(error) !== undefined) throw unreadable(path, error)
    if (error instanceof NoLines) throw new UsageError(`${path} ${error.message}.`, { cause: error })
    throw error
  }
  if (number === 0) throw new UsageError(`${path} is empty.`)
}

function requireHead(path: string, line: string): void {
  const head = parse(line) as Partial<typeof manifestHead> | undefined // looked at below
  if (head?.pinyon !== manifestHead.pinyon) throw new UsageError(`${path} is not the manifest of a Pinyon export.`)
  if (head.version !== manifestHead.version)
    throw new UsageError(`${path} has version ${String(head.version)}; this program reads ${manifestHead.version}.`)
}

function readLine(path: string, number: number, line: string): ManifestLine {
  const value = parse(line)
  const other = readWantedPin(value) ?? readEmptyGroup(value) ?? readMissingCar(value)
  if (other !== undefined) return other
  const read = ExportedFile.safeParse(value)
  if (!read.success)
    throw new UsageError(`${path}, line ${number}: ${read.error.issues[0]?.path.join('.') ?? ''} cannot be read.`)
  return read.data
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // told by whoever looks at it
  }
}
