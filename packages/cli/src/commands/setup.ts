import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { z } from 'zod'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { askLine, askSecret, readStdin } from '../prompt.ts'
import { saveProfile } from '../profile.ts'

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

type Done = z.infer<typeof routes.setUp.response>

/** Sets a new server up: owner, first account, first key. Shows the key once and keeps a profile. */
export async function setup(context: Context, options: SetupOptions): Promise<void> {
  const apiUrl = await context.apiUrl()
  const token = options.token ?? (await readToken(context, options))
  const email = options.email ?? (await askLine('E-mail of the owner'))
  const password = options.passwordStdin === true ? await readStdin() : await choosePassword()
  const done = await createClient({ apiUrl }).call(routes.setUp, {
    body: {
      token,
      email,
      password,
      ...(options.network === undefined ? {} : { network: options.network }),
      ...(options.publicContent === undefined ? {} : { publicContent: options.publicContent }),
    },
    signal: context.signal,
  })
  const file = options.save
    ? await saveProfile(context.env, { api: apiUrl, jwt: done.key.JWT }, context.options.profile)
    : undefined
  context.out.result({ ...done, profile: file ?? null }, () => describe(done, apiUrl, file))
}

function describe({ key }: Done, apiUrl: string, file: string | undefined): string {
  return `Pinyon is set up. Your first key (admin and operator) is shown only now; write it down:

Pinata API Key     ${key.pinata_api_key}
Pinata API Secret  ${key.pinata_api_secret}
JWT                ${key.JWT}
${file === undefined ? '' : `\nSaved for ./pinyon in ${file}.\n`}
Try it:
  curl -H "Authorization: Bearer ${key.JWT}" ${apiUrl}/data/testAuthentication
  ./pinyon upload --public README.md`
}

/** The token that the server wrote into its data directory: whoever can read that owns the machine. */
async function readToken(context: Context, options: SetupOptions): Promise<string> {
  // The default is the one of `npm start`: `data` in the checkout, wherever this command is called from.
  const checkout = fileURLToPath(new URL('../../../../', import.meta.url))
  const dir = resolve(options.dataDir ?? context.env['PINYON_DATA_DIR'] ?? join(checkout, 'data'))
  try {
    return (await readFile(join(dir, 'setup-token'), 'utf8')).trim()
  } catch (error) {
    throw new UsageError(
      `There is no set-up token in ${dir} (${(error as NodeJS.ErrnoException).code ?? 'unreadable'}). Is the server running (npm start) and not set up yet? Otherwise give --data-dir DIR or --token TOKEN.`, // what node:fs throws carries a code
    )
  }
}

async function choosePassword(): Promise<string> {
  const password = await askSecret('Password (at least 10 characters)')
  if ((await askSecret('The same again')) !== password)
    throw new UsageError('The two passwords differ. Nothing was done.')
  return password
}
