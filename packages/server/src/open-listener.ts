import { setTimeout } from 'node:timers/promises'
import type { Config, ListenAddress } from './config/config.ts'
import { ConfigError } from './config/config-error.ts'
import type { Listening } from './http/server.ts'

/** So long a port is waited for that processes of a killed main process may still hold. */
const heldMs = 3_000
const pauseMs = 50

/** What is wrong with the address. No name server answers: EAI_AGAIN. */
const ofTheAddress = new Set(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTFOUND', 'EAI_AGAIN'])

/**
 * Opens a listener. A port that is taken is the operator's to solve: ConfigError says which setting. One that `isShared`
 * with other processes is free when they have noticed that the main process was killed.
 */
export async function listening<T extends Listening>(
  variable: string,
  open: () => Promise<T>,
  { isShared = false }: { isShared?: boolean } = {},
): Promise<T> {
  for (const until = performance.now() + (isShared ? heldMs : 0); ;) {
    try {
      return await open()
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'EADDRINUSE' && performance.now() < until) {
        await setTimeout(pauseMs)
        continue
      }
      if (code !== undefined && ofTheAddress.has(code)) {
        throw new ConfigError(
          `${variable}: ${(error as Error).message}. Choose another address with ${variable}=127.0.0.1:PORT.`,
          { cause: error },
        ) // listening fails with an Error
      }
      throw error
    }
  }
}

/** The address of a listener as links name it. */
export function urlOf({ tls }: Config, { host, port }: ListenAddress): string {
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `${tls.kind === 'off' ? 'http' : 'https'}://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`
}
