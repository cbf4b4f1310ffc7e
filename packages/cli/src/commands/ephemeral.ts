import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { endAs, runChild, type ChildEnd } from '../programs/run-child.ts'
import { startTemporaryServer, type TemporaryServer } from '../programs/temporary-server.ts'
import { openTrust, type Trust } from '../programs/trust.ts'

/** Options of `ephemeral`. */
export interface EphemeralOptions {
  readonly tls?: boolean
  readonly hold?: boolean
}

/**
 * Runs a program beside a server of its own, made for it and gone with it, and ends as the program ends. With `--hold`
 * there is no program: the environment for one is printed, and the server stays until stdin ends or a signal comes.
 */
export async function ephemeral(
  context: Context,
  command: readonly string[],
  { tls = false, hold = false }: EphemeralOptions,
): Promise<void> {
  if ((command.length === 0) !== hold)
    throw new UsageError('Name the program: ./pinyon ephemeral -- npm test; or give --hold and none.')
  const server = await startTemporaryServer(context.env, { tls, signal: context.signal })
  const trust = server.authority === undefined ? undefined : await openTrust(context.env, server.authority)
  let end: ChildEnd = { code: 0, signal: null }
  try {
    const given = await environmentOf(server, trust)
    if (hold) await holdOpen(given, context.signal)
    else end = await runChild(command, { ...context.env, ...given })
  } finally {
    await server.stop()
    await trust?.close()
  }
  endAs(end)
}

/** What the program finds the server by. */
async function environmentOf(
  { apiUrl, gatewayUrl, key, authority }: TemporaryServer,
  trust: Trust | undefined,
): Promise<Record<string, string>> {
  const given = {
    PINATA_JWT: key.JWT,
    PINATA_API_KEY: key.pinata_api_key,
    PINATA_API_SECRET: key.pinata_api_secret,
    // As the older SDK calls it.
    PINATA_SECRET_API_KEY: key.pinata_api_secret,
    PINYON_API: apiUrl,
    PINYON_GATEWAY_URL: gatewayUrl,
    PINYON_JWT: key.JWT,
  }
  if (trust === undefined || authority === undefined) return given
  const file = join(trust.dir, 'ca.pem')
  await writeFile(file, authority)
  return { ...given, ...trust.env, PINYON_CA: file }
}

async function holdOpen(given: Record<string, string>, signal: AbortSignal): Promise<void> {
  process.stdout.write(`${JSON.stringify(given)}\n`)
  process.stdin.resume()
  await finished(process.stdin, { writable: false, signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
