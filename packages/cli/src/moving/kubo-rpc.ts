import type { IncomingMessage } from 'node:http'
import { systemWords } from '../system-error.ts'
import { refused, sayingSilence } from './ask-elsewhere.ts'
import { SourceFailed } from './import-item.ts'
import { NoLines, readLines } from './read-lines.ts'
import { beginningOf, wordsOfAnswer } from './words-of-answer.ts'

/** A recursive pin of Kubo. */
export interface KuboPin {
  readonly cid: string
  readonly name: string | null
}

/** Where and how Kubo is asked. */
export interface KuboAt {
  /** Such as http://127.0.0.1:5001. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  /** Told when it does not answer for long. */
  readonly onWait: (words: string) => void
}

/** All recursive pins: what was pinned by somebody, not what these pins hold. */
export async function* listKuboPins(at: KuboAt): AsyncGenerator<KuboPin> {
  const body = await ask(at, 'pin/ls?type=recursive&stream=true&names=true')
  for await (const line of linesOf(body)) {
    if (line.trim() === '') continue
    const { Cid, Name, Keys } = parseLine(line)
    // Versions that know no stream answer all at once.
    for (const [cid, pin] of Object.entries(Keys ?? {})) yield { cid, name: nameOf(pin.Name) }
    if (Cid !== undefined) yield { cid: Cid, name: nameOf(Name) }
  }
}

/** The DAG below a CID as a CAR. Kubo fetches nothing for it. */
export async function* exportFromKubo(at: KuboAt, cid: string): AsyncGenerator<Uint8Array> {
  yield* await ask(at, `dag/export?arg=${encodeURIComponent(cid)}&progress=false&offline=true`)
}

async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  try {
    yield* readLines(body)
  } catch (cause) {
    throw cause instanceof NoLines ? noList() : cause
  }
}

function noList(): SourceFailed {
  return new SourceFailed('Kubo answered 200, but no list of pins.', { status: 200 })
}

/** A line of the list, as far as it is read here. */
interface Line {
  readonly Cid?: string
  readonly Name?: string
  readonly Keys?: Record<string, { Name?: string }>
}

function parseLine(line: string): Line {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value === 'object' && value !== null) return value // its shape is Kubo's promise
  } catch {
    // told below
  }
  throw noList()
}

function nameOf(name: string | undefined): string | null {
  return name === undefined || name === '' ? null : name
}

/** Asks by `node:http`, since Kubo tells what broke off in a trailer, which `fetch` does not show. */
async function ask(at: KuboAt, call: string): Promise<AsyncGenerator<Uint8Array>> {
  const { url, headers, signal, onWait } = at
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const asked = new Promise<IncomingMessage>((resolve, reject) => {
    request(`${url}/api/v0/${call}`, { method: 'POST', headers, signal })
      .once('response', resolve)
      .once('error', (cause) =>
        reject(
          signal.aborted
            ? cause
            : new SourceFailed(`no answer from Kubo: ${systemWords(cause) ?? cause.message}.`, { cause }),
        ),
      )
      .end()
  })
  const answer = await sayingSilence('Kubo', asked, onWait)
  if (answer.statusCode === 200) return piecesOf(answer, at)
  const status = answer.statusCode ?? 0
  const words = wordsOfAnswer(await beginningOf(answer), Object.values(headers))
  throw refused('Kubo', status, words)
}

async function* piecesOf(answer: IncomingMessage, { headers, signal }: KuboAt): AsyncGenerator<Uint8Array> {
  try {
    yield* answer
  } catch (cause) {
    if (signal.aborted || !(cause instanceof Error)) throw cause
    throw new SourceFailed(`Kubo's answer broke off: ${systemWords(cause) ?? cause.message}.`, { cause })
  }
  const broken = answer.trailers['x-stream-error']
  if (broken !== undefined) throw new SourceFailed(`Kubo says: ${wordsOfAnswer(broken, Object.values(headers))}.`)
}
