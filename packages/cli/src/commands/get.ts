import { createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError } from '@pinyon/contract/client.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes, UsageError } from '../exit.ts'
import { bytesText, countText, safeText } from '../output.ts'
import { openProgress, type Progress } from '../progress.ts'
import { writeBeside } from '../write-beside.ts'
import { findFiles, type File } from './find-file.ts'
import { getFolder, readPage, type Got } from './get-folder.ts'
import { newFile, readContent } from './read-content.ts'

/** Options of `get`. */
export interface GetOptions {
  readonly output?: string
  readonly car?: boolean
  readonly path?: string
}

/** Writes a file, a whole folder, or a CAR of either to disk (or stdout with `-o -`). Private ones too. */
export async function get(context: Context, which: string, options: GetOptions): Promise<void> {
  // Held several times, a CID has the same bytes each time.
  const [file] = await findFiles(context, which)
  const target = await chooseTarget(file, options)
  const isFolder = options.car !== true && file.mime_type === 'directory' && (await hasFolder(context, file, options))
  if (isFolder && target.stream !== undefined)
    throw new UsageError('A folder cannot go to a stream. Give --output DIR, or --car.')
  const totalBytes = options.path === undefined && options.car !== true ? file.size : undefined
  const progress = openProgress(target.path, totalBytes, context.out)
  let got: Got
  try {
    got = await read(context, file, options, target, isFolder, progress)
  } finally {
    progress.stop()
  }
  if (target.path === '-') return
  context.out.result(
    { id: file.id, cid: file.cid, output: target.path, ...got },
    `${safeText(target.path)}${isFolder ? `/  ${bytesText(got.bytes)}, ${countText(got.files, 'file')}` : `  ${bytesText(got.bytes)}`}`,
  )
}

async function read(
  context: Context,
  file: File,
  { path, car }: GetOptions,
  target: Target,
  isFolder: boolean,
  progress: Progress,
): Promise<Got> {
  if (isFolder) return writeBeside(target.path, (dir) => getFolder(context, file, path ?? '', dir, progress))
  const query = { path, format: car === true ? ('car' as const) : undefined }
  const to = (stream: NodeJS.WritableStream) => readContent(context, file.id, query, stream, progress)
  const bytes =
    target.stream === undefined ? await writeBeside(target.path, (made) => to(newFile(made))) : await to(target.stream)
  return { bytes, files: 1 }
}

/** A new path, or a stream that is there: stdout, a pipe, a device. */
interface Target {
  readonly path: string
  readonly stream?: NodeJS.WritableStream
}

async function chooseTarget(file: File, { output, path, car }: GetOptions): Promise<Target> {
  if (output === '-') return { path: output, stream: process.stdout }
  const name = localName(path?.split('/').findLast((part) => part !== '') ?? file.name ?? file.cid) ?? file.cid
  const proposed = car === true ? `${name}.car` : name
  const there = output === undefined ? undefined : await statOf(output)
  if (output !== undefined && (there?.isFIFO() === true || there?.isCharacterDevice() === true))
    return { path: output, stream: createWriteStream(output) }
  const target = output === undefined ? proposed : there?.isDirectory() === true ? join(output, proposed) : output
  if ((await statOf(target)) === undefined) return { path: target }
  throw new CommandError(`${safeText(target)} exists already. Name another place with --output.`, {
    reason: 'EXISTS',
    exitCode: exitCodes.conflict,
  })
}

async function statOf(path: string) {
  return stat(path).catch(() => undefined) // absent is what is wanted
}

/** The name of a file as one that can lie here; undefined when there is none like it. */
function localName(name: string): string | undefined {
  const local = safeText(name.replace(/[/\\\0]/g, '_'))
  return local === '' || local === '.' || local === '..' ? undefined : local
}

async function hasFolder(context: Context, file: File, { path }: GetOptions): Promise<boolean> {
  if (path === undefined) return true
  try {
    await readPage(context, file.id, path, undefined)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 400) return false
    throw error
  }
}
