import { setTimeout as wait } from 'node:timers/promises'
import { systemWords } from '../system-error.ts'
import { SourceFailed } from './import-item.ts'
import { beginningOf, wordsOfAnswer } from './words-of-answer.ts'

/** Tries before a service counts as one that does not answer. */
const maxTries = 8
/** The try after which whoever waits is told that nobody answers. */
const sayFrom = 2
/** After so long without an answer whoever waits is told what for. */
const silenceMs = 10_000
/** Nobody waits longer than this between two tries, whatever a service asks for. */
const maxWaitSeconds = 300

/** What asking elsewhere takes beside the request. */
export interface Asking {
  readonly signal: AbortSignal
  /** Told when a service wants patience, or does not answer. */
  readonly onWait: (words: string) => void
  /** What may not be shown, whoever says it. */
  readonly secrets: readonly string[]
}

/**
 * As `fetch`, with patience: waits as long as a 429 or 503 says, tries again when the connection breaks or the service
 * stumbles. Gives every other answer, errors too. Throws SourceFailed when nothing helps.
 */
export async function askElsewhere(url: string, init: RequestInit, asking: Asking): Promise<Response> {
  const { host } = new URL(url)
  const { signal, onWait } = asking
  for (let attempt = 1; ; attempt++) {
    const asked = fetch(url, { ...init, signal }).catch((cause: unknown) => {
      if (signal.aborted) throw cause
      return new SourceFailed(`no answer from ${host}: ${causeOf(cause)}.`, { cause })
    })
    const answer = await sayingSilence(host, asked, onWait)
    if (answer instanceof Response && answer.status !== 429 && answer.status < 500) return answer
    if (attempt === maxTries) throw answer instanceof Response ? await answeredBadly(answer, asking) : answer
    const seconds = Math.min(
      maxWaitSeconds,
      (answer instanceof Response ? retryAfter(answer) : undefined) ?? 0.25 * 2 ** attempt,
    )
    if (attempt === sayFrom && answer instanceof SourceFailed)
      onWait(`${answer.message} It is asked again, for a minute.`)
    if (attempt === sayFrom && answer instanceof Response && answer.status !== 429)
      onWait(`${host} answers ${answer.status}. It is asked again, for a minute.`)
    if (answer instanceof Response) {
      if (answer.status === 429) onWait(`${host} wants ${Math.ceil(seconds)} s of patience.`)
      await answer.body?.cancel()
    }
    await wait(seconds * 1_000, undefined, { signal })
  }
}

/** The answer that somebody was asked for; after 10 s without it `onWait` is told. */
export function sayingSilence<T>(who: string, answer: Promise<T>, onWait: Asking['onWait']): Promise<T> {
  const silence = setTimeout(() => onWait(`${who} has not answered for 10 s. It is waited for.`), silenceMs)
  return answer.finally(() => clearTimeout(silence))
}

/** An answer that is no success, in words: by whom, the status, and what it said that is meant for people. */
export async function answeredBadly(answer: Response, { secrets }: Pick<Asking, 'secrets'>): Promise<SourceFailed> {
  const body = answer.body as AsyncIterable<Uint8Array> | null // Node's streams are; the DOM's types do not say so
  const words = wordsOfAnswer(await beginningOf(body), secrets)
  const { status } = answer
  return refused(new URL(answer.url).host, status, words)
}

/** That somebody answered with a status that is no success, and what they said. */
export function refused(who: string, status: number, words: string): SourceFailed {
  const said = words === '' ? '.' : `: ${words}${/[.!?…]$/.test(words) ? '' : '.'}`
  return new SourceFailed(`${who} answered ${status}${said}`, { status })
}

/** The JSON of a good answer. Throws SourceFailed for what is none, or is not what `isWanted` asks for. */
export async function jsonOf<T>(answer: Response, isWanted: (value: Partial<T>) => boolean): Promise<T> {
  const { status } = answer
  let value: unknown
  try {
    value = await answer.json()
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw broken(answer, cause)
  }
  if (typeof value === 'object' && value !== null && isWanted(value)) return value as T // as was looked at
  throw new SourceFailed(`${new URL(answer.url).host} answered ${status}, but no such list.`, { status })
}

function broken(answer: Response, cause: unknown): unknown {
  if (cause instanceof Error && cause.name === 'AbortError') return cause
  return new SourceFailed(`the answer of ${new URL(answer.url).host} broke off: ${causeOf(cause)}.`, { cause })
}

/** Seconds, or the time until a date (RFC 9110, section 10.2.3). */
function retryAfter({ headers }: Response): number | undefined {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text)
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, (at - Date.now()) / 1_000)
}

function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (cause instanceof AggregateError) return causeOf(cause.errors[0])
  return systemWords(cause) ?? (cause instanceof Error ? cause.message || cause.name : String(cause))
}
