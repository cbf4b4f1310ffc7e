import { endpoints, presets, resources, scopes, type Permissions, type Preset } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { z } from 'zod'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { UsageError } from '../exit.ts'
import { safeText, table, timeText } from '../output.ts'

/** Options of `keys create`. */
export interface CreateOptions {
  readonly admin?: boolean
  readonly operator?: boolean
  readonly preset?: string
  readonly scope: readonly string[]
  readonly maxUses?: string
  readonly expiresIn?: string
}

/** Makes a key and shows it once. */
export async function createKey(context: Context, name: string, options: CreateOptions): Promise<void> {
  const client = await context.client()
  const made = await client.call(routes.keysCreate, {
    body: {
      keyName: name,
      permissions: readPermissions(options),
      ...(options.maxUses === undefined ? {} : { maxUses: readCount(options.maxUses) }),
      ...(options.expiresIn === undefined ? {} : { expiresIn: readDuration(options.expiresIn) }),
    },
    signal: context.signal,
  })
  context.out.result(
    made,
    `Shown only now; write it down:\n\nPinata API Key     ${made.pinata_api_key}\nPinata API Secret  ${made.pinata_api_secret}\nJWT                ${made.JWT}`,
  )
}

/** Lists keys, all pages. */
export async function listKeys(
  context: Context,
  options: { readonly state?: string; readonly name?: string },
): Promise<void> {
  const client = await context.client()
  const keys: z.infer<typeof routes.keysPage.response>['keys'] = []
  for (let pageToken: string | undefined; ;) {
    const page = await client.call(routes.keysPage, {
      query: { state: options.state, name: options.name, limit: 100, pageToken },
      signal: context.signal,
    })
    keys.push(...page.keys)
    if (page.nextPageToken === null) break
    pageToken = page.nextPageToken
  }
  context.out.result(keys, () =>
    keys.length === 0
      ? 'No keys like that.'
      : table(
          ['NAME', 'KEY', 'MAY', 'USES', 'LAST USED', 'EXPIRES', 'STATE'],
          keys.map((key) => [
            safeText(key.name),
            key.publicPart,
            describeScopes(key.permissions),
            key.maxUses === null ? String(key.uses) : `${key.uses} of ${key.maxUses}`,
            timeText(key.lastUsed?.at),
            timeText(key.expiresAt),
            key.state,
          ]),
        ),
  )
}

/** Revokes a key by its public part or id: the next request with it is refused. */
export async function revokeKey(context: Context, which: string): Promise<void> {
  const client = await context.client()
  const key = await findKey(context, which)
  await client.call(routes.keysRevoke, { params: { key: key.publicPart }, signal: context.signal })
  context.out.result({ revoked: key.publicPart }, `Revoked "${safeText(key.name)}" (${key.publicPart}).`)
}

/** Gives a key a new secret and JWT. */
export async function regenerateKey(
  context: Context,
  which: string,
  options: { readonly overlap?: string },
): Promise<void> {
  const client = await context.client()
  const key = await findKey(context, which)
  const overlapSeconds = options.overlap === undefined ? 0 : readDuration(options.overlap)
  const made = await client.call(routes.keysRegenerate, {
    params: { id: key.id },
    body: { overlapSeconds },
    signal: context.signal,
  })
  const old =
    overlapSeconds === 0
      ? 'The old secret and JWT are refused from now on.'
      : `The old secret and JWT stop in ${options.overlap}.`
  context.out.result(
    made,
    `${old} The new ones are shown only now:\n\nPinata API Key     ${made.pinata_api_key}\nPinata API Secret  ${made.pinata_api_secret}\nJWT                ${made.JWT}`,
  )
}

async function findKey(context: Context, which: string): Promise<{ id: string; publicPart: string; name: string }> {
  const client = await context.client()
  if (/^[0-9a-f]{8}-/.test(which)) return client.call(routes.keysGet, { params: { id: which }, signal: context.signal })
  for (let pageToken: string | undefined; ;) {
    const page = await client.call(routes.keysPage, { query: { limit: 1_000, pageToken }, signal: context.signal })
    const found = page.keys.filter((key) => key.publicPart === which || key.name === which)
    if (found.length > 1)
      throw new UsageError(`Several keys are called "${which}". Name one by its key, as ./pinyon keys list shows it.`)
    if (found[0] !== undefined) return found[0]
    if (page.nextPageToken === null) throw new UsageError(`There is no key "${which}". See ./pinyon keys list.`)
    pageToken = page.nextPageToken
  }
}

function readPermissions(options: CreateOptions): z.infer<typeof Permissions> {
  const preset = options.preset === undefined ? undefined : presets[options.preset as Preset] // undefined for a name that is none
  if (options.preset !== undefined && preset === undefined)
    throw new UsageError(`There is no preset "${options.preset}". Presets: ${Object.keys(presets).join(', ')}.`)
  const wanted = [...(preset?.scopes ?? []), ...options.scope]
  if (options.admin !== true && options.operator !== true && wanted.length === 0) {
    throw new UsageError(
      `Say what the key may do: --admin, --preset NAME (${Object.keys(presets).join(', ')}), or --scope NAME, once for each. Scopes: ${[...scopes, ...resources].join(', ')}.`,
    )
  }
  const tree: Record<string, Record<string, boolean>> = {}
  for (const scope of wanted) {
    if (resources.some((resource) => resource === scope)) continue
    if (!scopes.some((known) => known === scope))
      throw new UsageError(`There is no scope "${scope}". Scopes: ${[...scopes, ...resources].join(', ')}.`)
    const [parent = '', name = ''] = scope.split('.')
    tree[parent] = { ...tree[parent], [name]: true }
  }
  return {
    ...(options.admin === true ? { admin: true } : {}),
    ...(options.operator === true ? { operator: true } : {}),
    resources: resources.filter((resource) => wanted.some((scope) => scope === resource)),
    endpoints: tree,
  }
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError('--max-uses wants a whole number from 1 on.')
  return Number(text)
}

/** What a key may do, in a few words. */
export function describeScopes(permissions: unknown): string {
  const { admin, operator, resources: sets = [], endpoints: tree = {} } = permissions as z.infer<typeof Permissions> // answered by the server in this shape
  const words = [...(admin === true ? ['admin'] : []), ...(operator === true ? ['operator'] : []), ...sets]
  const single = Object.entries(tree as Record<string, Record<string, boolean>>).flatMap(([parent, names]) =>
    Object.keys(names).map((name) => `${parent}.${name}`),
  ) // the tree's shape by schema
  const all =
    Object.keys(endpoints).length > 0
      ? [...words, ...(single.length > 3 ? [`${single.length} endpoints`] : single)]
      : words
  return all.length === 0 ? 'nothing' : all.join(', ')
}
