/** How long a connection may keep us waiting. Tests shorten them. */
export interface HttpTimes {
  /** For the head of a request, also before its first byte. */
  readonly headersMs: number
  /** For 1 KiB of a body, while we were reading. */
  readonly bodyWindowMs: number
  /** For the client to take anything of an answer. */
  readonly readerMs: number
  /** Between two requests of one connection: longer than the usual proxy's, so that it never meets a closing one. */
  readonly keepAliveMs: number
  /** For the rest of a body that nobody wants any more. */
  readonly drainMs: number
}

/** The times that hold in service. */
export const httpTimes: HttpTimes = {
  headersMs: 15_000,
  bodyWindowMs: 12_000,
  readerMs: 120_000,
  keepAliveMs: 72_000,
  drainMs: 10_000,
}

/** How often the times of connections are looked at, so that a limit is passed by little. */
export function checkEveryMs({ headersMs }: HttpTimes): number {
  return Math.max(10, Math.min(1_000, Math.round(headersMs / 8)))
}
