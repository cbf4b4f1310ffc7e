import { createClient, type Client } from '@pinyon/contract/client.ts'
import type { Command } from 'commander'
import { UsageError } from './exit.ts'
import { Output } from './output.ts'
import { findProfile, type Profile } from './profile.ts'
import { sendRequest } from './send-request.ts'
import { trustAuthority } from './trust-authority.ts'

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
  /** A server that was named, by options or environment. */
  readonly namedApiUrl: string | undefined
  /** The profile that is looked into and written. */
  readonly profileName: string
  /** Whether the key is the one of the profile, and no other was given. */
  readonly usesProfileKey: boolean
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
}

/** Gives a command what it works with. */
export type ContextOf = (command: Command) => Promise<Context>

/** Where `npm start` listens unless it is told otherwise. */
export const defaultApi = 'http://127.0.0.1:8400'
const defaultProfile = 'default'

/** Puts a context together. Options beat the environment, the environment beats the profile. */
export function createContext(env: NodeJS.ProcessEnv, options: GlobalOptions, signal: AbortSignal): Context {
  const profileName = options.profile ?? env['PINYON_PROFILE'] ?? defaultProfile
  const profile = async () => {
    const found = await findProfile(env, profileName)
    if (found === undefined && options.profile !== undefined)
      throw new UsageError(`There is no profile "${options.profile}". Run: ./pinyon login --profile ${options.profile}`)
    return found
  }
  const named = options.api ?? env['PINYON_API']
  const namedApiUrl = named === undefined ? undefined : readApiUrl(named)
  const apiUrl = async () => {
    const url = namedApiUrl ?? (await findProfile(env, profileName))?.api ?? defaultApi
    if (url.startsWith('https:')) trustAuthority(env)
    return url
  }
  const givenKey = options.key ?? env['PINYON_JWT'] ?? env['PINYON_KEY']
  let client: Client | undefined
  return {
    env,
    options,
    out: new Output({ json: options.json === true }),
    signal,
    apiUrl,
    namedApiUrl,
    profileName,
    usesProfileKey: givenKey === undefined,
    async client() {
      if (client !== undefined) return client
      const jwt = givenKey === undefined ? keyOfProfile(await profile(), namedApiUrl, profileName) : readJwt(givenKey)
      client = createClient({ apiUrl: await apiUrl(), jwt, fetch: sendRequest })
      return client
    },
  }
}

/** The key of a profile, which is shown to no other server than its own. */
function keyOfProfile(profile: Profile | undefined, namedApiUrl: string | undefined, name: string): string {
  if (profile === undefined)
    throw new UsageError(
      'No key. Run ./pinyon setup (new server) or ./pinyon login, or give one with --key JWT or PINYON_JWT.',
    )
  if (namedApiUrl !== undefined && namedApiUrl !== profile.api)
    throw new UsageError(
      `The key of the profile "${name}" is for ${profile.api}, not for ${namedApiUrl}. Run ./pinyon login --api ${namedApiUrl} --profile NAME, or give a key with --key JWT or PINYON_JWT.`,
    )
  return profile.jwt
}

/** An address of a server, without a slash at its end. Throws UsageError. */
export function readApiUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:\/\/[^/?#@\s]+\/?$/i.test(text))
    throw new UsageError(`"${text}" is not the address of a server, such as ${defaultApi} or https://pin.example.org.`)
  return url.origin
}

/** A JWT as it was pasted. Throws UsageError for what is none. */
export function readJwt(text: string): string {
  const jwt = text.trim().replace(/^Bearer\s+/i, '')
  if (!/^[\w-]+\.[\w-]+\.[\w-]+$/.test(jwt))
    throw new UsageError(
      'This is not a JWT: three parts with dots between them, the longest of the three values that are shown when a key is made.',
    )
  return jwt
}
