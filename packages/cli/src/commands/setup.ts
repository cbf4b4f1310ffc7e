import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createClient, type AnswerOf, type Client } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { NewPassword } from '@pinyon/contract/schemas/common.ts'
import { defaultDataDir } from '../data-dir.ts'
import { defaultApi, type Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { askLine, askSecret, readStdin } from '../prompt.ts'
import { findProfile, saveProfile } from '../profile.ts'
import { trustAuthority } from '../trust-authority.ts'
import { describeKey } from './keys.ts'

/** Options of `setup`. */
export interface SetupOptions {
  readonly email?: string
  readonly passwordStdin?: boolean
  readonly network?: 'local' | 'public'
  readonly publicContent?: 'allowed' | 'refused'
  readonly dataDir?: string
  readonly token?: string
  readonly save: boolean
}

type Done = AnswerOf<typeof routes.setUp>

/** Sets a new server up: owner, first account, first key. Shows the key once and keeps a profile. */
export async function setup(context: Context, options: SetupOptions): Promise<void> {
  const apiUrl = context.namedApiUrl ?? defaultApi
  if (options.save) await requireFreeProfile(context, apiUrl)
  if (apiUrl.startsWith('https:')) trustAuthority(context.env)
  const client = createClient({ apiUrl })
  const token = options.token ?? (await readToken(context, client, options))
  const email = options.email ?? (await askLine('E-mail of the owner'))
  const password = options.passwordStdin === true ? await readStdin() : await choosePassword()
  const done = await client.call(routes.setUp, {
    body: {
      token,
      email,
      password,
      ...(options.network === undefined ? {} : { network: options.network }),
      ...(options.publicContent === undefined ? {} : { publicContent: options.publicContent }),
    },
    signal: context.signal,
  })
  // The key is shown before anything else can fail: it is never shown again.
  if (!context.out.json) context.out.result(done, describe(done))
  const file = options.save
    ? await saveProfile(context.env, context.profileName, { api: apiUrl, jwt: done.key.JWT })
    : undefined
  if (context.out.json) context.out.result({ ...done, profile: file ?? null }, '')
  else context.out.result(done, nextSteps(apiUrl, file))
}

function describe({ key }: Done): string {
  return `Pinyon is set up. Your first key (admin and operator) is shown only now; write it down:\n\n${describeKey(key)}\n`
}

function nextSteps(apiUrl: string, file: string | undefined): string {
  const kept = file === undefined ? '' : `Saved for ./pinyon in ${file}.\n\n`
  return `${kept}Try it:\n  curl -H "Authorization: Bearer $JWT" ${apiUrl}/data/testAuthentication\n  ./pinyon upload --public README.md`
}

/** A profile may hold the only copy of a key: that of another server is not written over. Throws UsageError. */
async function requireFreeProfile({ env, profileName }: Context, apiUrl: string): Promise<void> {
  const kept = await findProfile(env, profileName)
  if (kept !== undefined && kept.api !== apiUrl)
    throw new UsageError(
      `The profile "${profileName}" holds a key for ${kept.api}, and would be lost. Keep the new key for ${apiUrl} under another name with --profile NAME, or nowhere with --no-save.`,
    )
}

/** The token that the server wrote into its data directory: whoever can read that owns the machine. */
async function readToken(context: Context, client: Client, options: SetupOptions): Promise<string> {
  const dir = resolve(options.dataDir ?? context.env['PINYON_DATA_DIR'] ?? defaultDataDir)
  try {
    return (await readFile(join(dir, 'setup-token'), 'utf8')).trim()
  } catch (error) {
    // Throws when nobody answers there, which is the better explanation.
    await client.call(routes.healthLive, { signal: context.signal })
    const code = (error as NodeJS.ErrnoException).code ?? 'unreadable' // what node:fs throws carries a code
    throw new UsageError(
      `${client.apiUrl} answers, but there is no set-up token in ${dir} (${code}).\nIt is there until a server is set up: if this one is, run ./pinyon login. If its data lies elsewhere, give --data-dir DIR or --token TOKEN.`,
    )
  }
}

async function choosePassword(): Promise<string> {
  const password = await askSecret('Password (at least 10 characters)')
  const checked = NewPassword.safeParse(password)
  if (!checked.success) throw new UsageError(`The password ${checked.error.issues[0]?.message}. Nothing was done.`)
  if ((await askSecret('The same again')) !== password)
    throw new UsageError('The two passwords differ. Nothing was done.')
  return password
}
