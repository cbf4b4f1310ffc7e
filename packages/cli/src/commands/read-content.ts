import { createWriteStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { CommandError, exitCodes } from '../exit.ts'
import type { Progress } from '../progress.ts'
import { bodyOf, octets } from '../send-request.ts'

/** What of a file is asked for: a path inside a folder, or the DAG as a CAR. */
export interface ContentQuery {
  readonly path?: string | undefined
  readonly format?: 'car' | undefined
}

/** Sends the bytes of a file of the account to a stream, which stays open if it is stdout. Answers how many they are. */
export async function readContent(
  context: Context,
  id: string,
  query: ContentQuery,
  to: NodeJS.WritableStream,
  progress: Progress,
): Promise<number> {
  const body = await openContent(context, id, query)
  let bytes = 0
  body.on('data', (piece: Buffer) => {
    bytes += piece.length
    progress.add(piece.length)
  })
  // What goes wrong on the way in is told from what goes wrong here, such as a full disk.
  let broken: unknown
  body.once('error', (error) => (broken = error))
  try {
    await pipeline(body, to, { end: to !== process.stdout, signal: context.signal })
  } catch (error) {
    throw error === broken ? await describeBreak(context, error) : error
  }
  return bytes
}

/** Has `read` read the content of a file of the account. What breaks on the way is said in words. */
export async function whileReading<T>(
  context: Context,
  id: string,
  query: ContentQuery,
  read: (body: Readable) => Promise<T>,
): Promise<T> {
  const body = await openContent(context, id, query)
  let broken: unknown
  body.once('error', (error) => (broken = error))
  try {
    return await read(body)
  } catch (error) {
    throw error === broken ? await describeBreak(context, error) : error
  }
}

/** A file that is not there yet. */
export function newFile(path: string): NodeJS.WritableStream {
  return createWriteStream(path, { flags: 'wx', highWaterMark: 1_048_576 })
}

async function openContent(context: Context, id: string, { path, format }: ContentQuery): Promise<Readable> {
  const client = await context.client()
  const answer = await client.open(routes.filesContent, {
    params: { id },
    query: { path, format },
    headers: { accept: octets },
    signal: context.signal,
  })
  return bodyOf(answer)
}

async function describeBreak(context: Context, cause: unknown): Promise<unknown> {
  const { apiUrl } = await context.client()
  return new CommandError(`The connection to ${apiUrl} broke before everything was there. Try again.`, {
    reason: 'UNREACHABLE',
    exitCode: exitCodes.unreachable,
    cause,
  })
}
