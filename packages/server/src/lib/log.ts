import { writeSync } from 'node:fs'
import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino'
import pretty from 'pino-pretty'
import { loggable } from './loggable.ts'

/** Where the process writes what happened: JSON lines, or readable lines on a terminal. */
export type Logger = PinoLogger

/** Names of fields that may carry a secret, wherever they stand in what is logged. */
const secretFields = [
  'authorization',
  'cookie',
  'set-cookie',
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'secret',
  'jwt',
  'JWT',
  'pinata_api_secret',
  'pinata_secret_api_key',
  'x-pinata-gateway-token',
  'databaseUrl',
]

/** Opens the log. Secrets are replaced by `[secret]` at any of the first three depths. */
export function openLog(options: { level: string; readable: boolean; to?: DestinationStream }): Logger {
  const paths = secretFields.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`])
  const settings = {
    level: options.level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    redact: { paths, censor: '[secret]' },
    formatters: { log: loggable },
    serializers: { err: (error: unknown) => error }, // done there
  }
  if (options.to !== undefined) return pino(settings, options.to)
  if (!options.readable) return pino(settings, (standardOutput ??= new GatheredLines()))
  return pino(
    settings,
    pretty({ colorize: true, ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', singleLine: true, sync: true }),
  )
}

let standardOutput: GatheredLines | undefined

/** More waiting characters than these are written at once. */
const maxWaiting = 16_000

/** Lines wait so long for others. */
const waitMs = 10

/** So many characters wait for a reader that is slow; what comes then is left out, since nobody waits for the log. */
const maxHeld = 4_000_000

/** How long the end of the process waits for such a reader. */
const patienceMs = 1_000

/**
 * Standard output, with the lines of some milliseconds in one call: one for each line is a tenth of what a small request
 * costs. What waits is written when the process ends; who kills it loses that. A reader that is gone or stands still
 * holds nobody up: pino's own destination tries again and again without letting go.
 */
class GatheredLines implements DestinationStream {
  #held = ''
  #isWaiting = false

  constructor() {
    process.on('exit', () => this.flushSync())
  }

  write(line: string): void {
    if (this.#held.length < maxHeld) this.#held += line
    if (!this.#isWaiting && (this.#held.length <= maxWaiting || !this.#writeOut())) this.#wait()
  }

  #wait(): void {
    this.#isWaiting = true
    setTimeout(() => {
      this.#isWaiting = false
      if (!this.#writeOut()) this.#wait()
    }, waitMs)
  }

  /** Called by pino itself after a line at level `fatal`. */
  flushSync(): void {
    const until = performance.now() + patienceMs
    while (!this.#writeOut() && performance.now() < until)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs)
  }

  /** False when the reader takes no more now. */
  #writeOut(): boolean {
    let rest = Buffer.from(this.#held)
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code // writing fails with such an error
      if (code === 'EAGAIN' || code === 'EBUSY') {
        this.#held = rest.toString()
        return false
      }
      // Nobody reads it any more (EPIPE), or its disk is full: there is nowhere to say so.
    }
    this.#held = ''
    return true
  }
}
