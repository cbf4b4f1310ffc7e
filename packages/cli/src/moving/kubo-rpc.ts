import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { SourceFailed } from './import-item.ts'
import { readLines } from './read-lines.ts'

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
}

/** All recursive pins: what was pinned by somebody, not what these pins hold. */
export async function* listKuboPins(at: KuboAt): AsyncGenerator<KuboPin> {
  const body = await ask(at, 'pin/ls?type=recursive&stream=true&names=true')
  for await (const line of readLines(body)) {
    if (line.trim() === '') continue
    const { Cid, Name, Keys } = JSON.parse(line) as {
      Cid?: string
      Name?: string
      Keys?: Record<string, { Name?: string }>
    } // looked at below
    // Versions that know no stream answer all at once.
    for (const [cid, pin] of Object.entries(Keys ?? {})) yield { cid, name: nameOf(pin.Name) }
    if (Cid !== undefined) yield { cid: Cid, name: nameOf(Name) }
  }
}

/** The DAG below a CID as a CAR. Kubo fetches nothing for it. */
export async function* exportFromKubo(at: KuboAt, cid: string): AsyncGenerator<Uint8Array> {
  yield* await ask(at, `dag/export?arg=${encodeURIComponent(cid)}&progress=false&offline=true`)
}

function nameOf(name: string | undefined): string | null {
  return name === undefined || name === '' ? null : name
}

/** Asks by `node:http`, since Kubo tells what broke off in a trailer, which `fetch` does not show. */
async function ask({ url, headers, signal }: KuboAt, call: string): Promise<AsyncGenerator<Uint8Array>> {
  const { request } = url.startsWith('https:') ? await import('node:https') : await import('node:http')
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${url}/api/v0/${call}`, { method: 'POST', headers, signal })
      .once('response', resolve)
      .once('error', (cause) =>
        reject(signal.aborted ? cause : new SourceFailed(`no answer from Kubo: ${cause.message}`, { cause })),
      )
      .end()
  })
  if (answer.statusCode === 200) return piecesOf(answer)
  const said = (await text(answer)).slice(0, 500)
  throw new SourceFailed(`Kubo answered ${answer.statusCode ?? 0}: ${messageIn(said)}`)
}

async function* piecesOf(answer: IncomingMessage): AsyncGenerator<Uint8Array> {
  yield* answer
  const broken = answer.trailers['x-stream-error']
  if (broken !== undefined) throw new SourceFailed(`Kubo says: ${broken}`)
}

function messageIn(said: string): string {
  try {
    const { Message } = JSON.parse(said) as { Message?: unknown } // looked at below
    return typeof Message === 'string' ? Message : said
  } catch {
    return said.trim()
  }
}
