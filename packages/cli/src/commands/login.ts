import { createClient } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { askSecret, readStdin } from '../prompt.ts'
import { saveProfile } from '../profile.ts'

/** Keeps a server and a key for next time, after asking the server whether the key works. */
export async function login(context: Context, options: { readonly jwtStdin?: boolean }): Promise<void> {
  const apiUrl = await context.apiUrl()
  const jwt =
    context.options.key ??
    context.env['PINYON_JWT'] ??
    (options.jwtStdin === true ? await readStdin() : await askSecret(`JWT of a key for ${apiUrl}`))
  const who = await createClient({ apiUrl, jwt: jwt.trim() }).call(routes.whoami, { signal: context.signal })
  const file = await saveProfile(context.env, { api: apiUrl, jwt: jwt.trim() }, context.options.profile)
  context.out.result(
    { account: who.account, key: who.key, profile: file },
    `Key "${who.key?.name ?? '-'}" of account "${who.account.name}" at ${apiUrl}, saved in ${file}.`,
  )
}
