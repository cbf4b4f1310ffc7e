import { pino, stdTimeFunctions, type DestinationStream, type Logger as PinoLogger } from 'pino'
import pretty from 'pino-pretty'

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

/**
 * Standard output, with the lines of some milliseconds in one call: one for each line is a tenth of what a small request
 * costs. What waits is written when the process ends; who kills it loses that.
 */
class GatheredLines implements DestinationStream {
  readonly #out = pino.destination({ dest: 1, sync: true, minLength: maxWaiting })
  #isWaiting = false

  constructor() {
    process.on('exit', () => this.flushSync())
  }

  write(line: string): void {
    this.#out.write(line)
    if (this.#isWaiting) return
    this.#isWaiting = true
    setTimeout(() => {
      this.#isWaiting = false
      this.flushSync()
    }, waitMs)
  }

  /** Called by pino itself after a line at level `fatal`. */
  flushSync(): void {
    this.#out.flushSync()
  }
}
