import { createReadStream, readFileSync, type Stats } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { UsageError } from './exit.ts'
import type { FilePart } from './multipart-body.ts'
import { safeText } from './output.ts'
import { systemWords } from './system-error.ts'

/** What a path on this machine becomes in a form: one part, or one for each file of a folder. */
export interface LocalFiles {
  /** The name of what is uploaded. */
  readonly title: string
  readonly parts: readonly FilePart[]
  /** Folders without a file in them, which a form cannot carry. */
  readonly emptyFolders: number
}

/** A file on this machine could not be read to its end; nothing is wrong with the server. */
export class Unreadable extends UsageError {}

/** Looks at a file, a folder, a pipe, or stdin (`-`). Throws UsageError for what cannot be uploaded. */
export async function openLocalFiles(path: string, name: string | undefined): Promise<LocalFiles> {
  // Without an encoding, stdin gives bytes.
  if (path === '-') return streamed(name ?? 'stdin', () => process.stdin as AsyncIterable<Uint8Array>)
  const info = await look(path)
  const title = basename(resolve(path)) || 'root'
  if (info.isFile()) {
    // A name given instead keeps one from travelling that no file in a folder may have.
    const filename = /\p{Cc}/u.test(title) ? (name ?? title).replaceAll('/', '_') : title
    return { title, parts: [onDiskPart(path, filename, info)], emptyFolders: 0 }
  }
  if (info.isFIFO() || info.isCharacterDevice())
    return streamed(name ?? title, () => createReadStream(path, { highWaterMark: readBytes }))
  if (!info.isDirectory()) throw new UsageError(`${path} is neither a file nor a folder.`)
  const parts: FilePart[] = []
  const emptyFolders = await collect(path, title, parts, [])
  if (parts.length === 0) throw new UsageError(`${path} holds no files.`)
  return { title, parts, emptyFolders }
}

function streamed(title: string, open: FilePart['open']): LocalFiles {
  return { title, parts: [{ filename: title.replaceAll('/', '_'), sizeBytes: undefined, open }], emptyFolders: 0 }
}

/** Files below a folder, by name; links are followed. Answers how many folders hold nothing. */
async function collect(
  folder: string,
  prefix: string,
  parts: FilePart[],
  ancestors: readonly string[],
): Promise<number> {
  const real = await realpath(folder)
  if (ancestors.includes(real)) throw new UsageError(`${folder} is a link to a folder it lies in. Leave it out.`)
  const names = (await readdir(folder)).toSorted()
  if (names.length === 0) return 1
  let empty = 0
  for (const name of names) {
    const path = join(folder, name)
    if (name.includes('\ufffd')) throw new UsageError(`${safeText(path)}: its name is not UTF-8. Rename it.`)
    const info = await look(path)
    if (info.isDirectory()) empty += await collect(path, `${prefix}/${name}`, parts, [...ancestors, real])
    else if (info.isFile()) parts.push(onDiskPart(path, `${prefix}/${name}`, info))
    else throw new UsageError(`${path} is neither a file nor a folder. Leave it out.`)
  }
  return empty
}

async function look(path: string): Promise<Stats> {
  try {
    return await stat(path)
  } catch (error) {
    throw unreadable(path, error)
  }
}

const readBytes = 1_048_576
/** Up to this size a file is read at once: opening a stream takes longer than reading it. */
const smallBytes = 65_536

function onDiskPart(path: string, filename: string, info: Stats): FilePart {
  const openAt = (offset: number) => readLarge(path, info.size, offset)
  return { ...filePart(path, filename, info.size), onDisk: { openAt, path: resolve(path), changedAtMs: info.mtimeMs } }
}

function filePart(path: string, filename: string, sizeBytes: number): FilePart {
  return {
    filename,
    sizeBytes,
    open: () => (sizeBytes <= smallBytes ? [readSmall(path, sizeBytes)] : readLarge(path, sizeBytes)),
  }
}

function readSmall(path: string, sizeBytes: number): Uint8Array {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw unreadable(path, error)
  }
  if (bytes.length < sizeBytes) throw shrunk(path)
  return bytes.subarray(0, sizeBytes)
}

/** What was there when it was looked at: the form has said how long it is, so what is appended meanwhile stays out. */
async function* readLarge(path: string, sizeBytes: number, start = 0): AsyncGenerator<Uint8Array> {
  if (start >= sizeBytes) return
  let readSoFar = start
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: readBytes, start, end: sizeBytes - 1 })) {
      readSoFar += (chunk as Buffer).length // a stream without an encoding gives buffers
      yield chunk as Buffer
    }
  } catch (error) {
    throw unreadable(path, error)
  }
  if (readSoFar < sizeBytes) throw shrunk(path)
}

/** That a path cannot be read, and why. */
export function unreadable(path: string, error: unknown): Unreadable {
  return new Unreadable(`${path} cannot be read: ${systemWords(error) ?? String(error)}.`, { cause: error })
}

function shrunk(path: string): Unreadable {
  return new Unreadable(`${path} became shorter while it was read. Nothing was uploaded; try again.`)
}
