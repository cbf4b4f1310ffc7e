import { createClient } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { readJwt, type Context } from '../context.ts'
import { safeText } from '../output.ts'
import { askSecret, readStdin } from '../prompt.ts'
import { saveProfile } from '../profile.ts'

/** Keeps a server and a key for next time, after asking the server whether the key works. */
export async function login(context: Context, options: { readonly jwtStdin?: boolean }): Promise<void> {
  const apiUrl = await context.apiUrl()
  const jwt = readJwt(
    context.options.key ??
      (options.jwtStdin === true
        ? await readStdin()
        : (context.env['PINYON_JWT'] ?? (await askSecret(`JWT of a key for ${apiUrl}`)))),
  )
  const who = await createClient({ apiUrl, jwt }).call(routes.whoami, { signal: context.signal })
  const file = await saveProfile(context.env, context.profileName, { api: apiUrl, jwt })
  context.out.result(
    { account: who.account, key: who.key, profile: file },
    `Key "${safeText(who.key?.name ?? '-')}" of the account "${safeText(who.account.name)}" at ${apiUrl}, saved as profile "${context.profileName}" in ${file}.`,
  )
}
