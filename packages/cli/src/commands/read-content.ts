import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Unreachable } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { bytesText } from '../output.ts'
import type { Progress } from '../progress.ts'

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
  const client = await context.client()
  const { path, format } = query
  const answer = await client.open(routes.filesContent, {
    params: { id },
    query: { path, format },
    signal: context.signal,
  })
  let bytes = 0
  const counted = async function* count(source: AsyncIterable<Uint8Array>) {
    try {
      for await (const piece of source) {
        bytes += piece.length
        progress.add(piece.length)
        yield piece
      }
    } catch (error) {
      if (context.signal.aborted) throw error
      throw new Unreachable(`The connection to ${client.apiUrl} broke after ${bytesText(bytes)}. Try again.`, {
        cause: error,
      })
    }
  }
  const body = answer.body === null ? [] : (answer.body as AsyncIterable<Uint8Array>) // a web stream is iterable in Node
  await pipeline(Readable.from(body), counted, to, { end: to !== process.stdout, signal: context.signal })
  return bytes
}

/** A file that is not there yet. */
export function newFile(path: string): NodeJS.WritableStream {
  return createWriteStream(path, { flags: 'wx', highWaterMark: 1_048_576 })
}
