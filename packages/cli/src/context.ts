import { createClient, type Client } from '@pinyon/contract/client.ts'
import { UsageError } from './exit.ts'
import { Output } from './output.ts'
import { findProfile } from './profile.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  readonly api?: string
  readonly key?: string
  readonly profile?: string
  readonly json?: boolean
}

/** What a command works with. */
export interface Context {
  readonly env: NodeJS.ProcessEnv
  readonly options: GlobalOptions
  readonly out: Output
  /** The server of the options, the environment or the profile, asked with its key. Throws UsageError without a key. */
  client(): Promise<Client>
  /** The server alone. */
  apiUrl(): Promise<string>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

const defaultApi = 'http://127.0.0.1:8400'

/** Puts a context together. Options beat the environment, the environment beats the profile. */
export function createContext(env: NodeJS.ProcessEnv, options: GlobalOptions, signal: AbortSignal): Context {
  const out = new Output({ json: options.json === true })
  const profile = async () => {
    const found = await findProfile(env, options.profile ?? env['PINYON_PROFILE'])
    if (found === undefined && options.profile !== undefined)
      throw new UsageError(`There is no profile "${options.profile}". Run: ./pinyon login --profile ${options.profile}`)
    return found
  }
  const apiUrl = async () => readApiUrl(options.api ?? env['PINYON_API'] ?? (await profile())?.api ?? defaultApi)
  return {
    env,
    options,
    out,
    signal,
    apiUrl,
    async client() {
      const jwt = options.key ?? env['PINYON_JWT'] ?? env['PINYON_KEY'] ?? (await profile())?.jwt
      if (jwt === undefined)
        throw new UsageError(
          'No key. Run ./pinyon setup (new server) or ./pinyon login, or give one with --key JWT or PINYON_JWT.',
        )
      return createClient({ apiUrl: await apiUrl(), jwt })
    },
  }
}

/** An address of a server, without a slash at its end. */
export function readApiUrl(text: string): string {
  if (!/^https?:\/\/[^/\s]+\/?$/.test(text))
    throw new UsageError(`"${text}" is not an address of a server, such as ${defaultApi}.`)
  return text.replace(/\/$/, '')
}
