import type { AnswerOf, CallInput } from '@pinyon/contract/client.ts'
import { describePermissions } from '@pinyon/contract/describe-permissions.ts'
import { endpoints, presets, resources, scopes } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { readByteCount } from '../byte-count.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { notFound, UsageError } from '../exit.ts'
import { fields, safeText, table, timeText } from '../output.ts'
import { saveProfile } from '../profile.ts'
import { shorten } from '../text-width.ts'

/** Options of `keys create`. */
export interface CreateOptions {
  readonly admin?: boolean
  readonly operator?: boolean
  readonly preset?: string
  readonly scope: readonly string[]
  readonly maxUses?: string
  readonly expiresIn?: string
  readonly parent?: string
  readonly own?: boolean
  readonly address: readonly string[]
  readonly origin: readonly string[]
  readonly group: readonly string[]
  readonly type: readonly string[]
  readonly maxBytes?: string
  readonly maxFileBytes?: string
}

/** Makes a key, or a child of one, and shows it once. */
export async function createKey(context: Context, name: string, options: CreateOptions): Promise<void> {
  const bounds = readBounds(options)
  const body = {
    keyName: name,
    permissions: readPermissions(options),
    ...(options.maxUses === undefined ? {} : { maxUses: readCount(options.maxUses) }),
    ...(options.expiresIn === undefined ? {} : { expiresIn: readDuration(options.expiresIn) }),
    ...(Object.keys(bounds).length === 0 ? {} : { bounds }),
  }
  const client = await context.client()
  const parent = options.parent === undefined ? undefined : await findKey(context, options.parent)
  const made =
    parent === undefined
      ? await client.call(routes.keysCreate, { body, signal: context.signal })
      : await client.call(routes.keysCreateChild, { params: { id: parent.id }, body, signal: context.signal })
  context.out.result(made, `Shown only now; write it down:\n\n${describeKey(made)}`)
}

/** The three values of a key, as they are shown once. */
export function describeKey(key: AnswerOf<typeof routes.keysCreate>): string {
  return fields([
    ['Pinata API Key', key.pinata_api_key],
    ['Pinata API Secret', key.pinata_api_secret],
    ['JWT', key.JWT],
  ])
}

type KeyDetails = AnswerOf<typeof routes.keysPage>['keys']

/** Lists keys, all pages. */
export async function listKeys(
  context: Context,
  options: { readonly state?: string; readonly limited?: boolean; readonly name?: string },
): Promise<void> {
  const keys = await readKeys(context, options)
  context.out.result(keys, () =>
    keys.length === 0
      ? 'No keys like that.'
      : table(
          ['NAME', 'KEY', 'MAY', 'USES', 'LAST USED', 'EXPIRES', 'STATE'],
          keys.map((key) => [
            shorten(safeText(key.name), context.out.nameColumns),
            key.publicPart,
            shorten(describePermissions(key.permissions), context.out.nameColumns),
            key.maxUses === null ? String(key.uses) : `${key.uses} of ${key.maxUses}`,
            timeText(key.lastUsed?.at),
            key.expiresAt === null ? 'never' : timeText(key.expiresAt),
            key.state,
          ]),
        ),
  )
}

/** Revokes a key and its children: the next request with them is refused. */
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
  const overlapSeconds = options.overlap === undefined ? 0 : readDuration(options.overlap)
  const client = await context.client()
  const key = await findKey(context, which)
  const own = (await client.call(routes.whoami, { signal: context.signal })).key
  const made = await client.call(routes.keysRegenerate, {
    params: { id: key.id },
    body: { overlapSeconds },
    signal: context.signal,
  })
  const old =
    overlapSeconds === 0
      ? 'The old secret and JWT are refused from now on.'
      : `The old secret and JWT stop in ${options.overlap}.`
  context.out.result(made, `${old} The new ones are shown only now; write them down:\n\n${describeKey(made)}`)
  if (own?.id !== key.id || !context.usesProfileKey) return
  // Or this program would have locked itself out.
  const file = await saveProfile(context.env, context.profileName, { api: client.apiUrl, jwt: made.JWT })
  context.out.note(`This was the key of the profile "${context.profileName}": the new JWT is saved in ${file}.`)
}

/** All keys that fit, all pages. */
export async function readKeys(
  context: Context,
  query: { readonly state?: string; readonly limited?: boolean; readonly name?: string; readonly within?: string },
): Promise<KeyDetails> {
  const client = await context.client()
  const keys: KeyDetails = []
  for (let pageToken: string | undefined; ;) {
    const page = await client.call(routes.keysPage, {
      query: { ...query, limit: 1_000, pageToken },
      signal: context.signal,
    })
    keys.push(...page.keys)
    if (page.nextPageToken === null) return keys
    pageToken = page.nextPageToken
  }
}

/** A key by its public part, its id, or its name when only one live key has it. */
export async function findKey(context: Context, which: string): Promise<KeyDetails[number]> {
  const keys = await readKeys(context, {})
  const exact = keys.find((key) => key.publicPart === which || key.id === which)
  if (exact !== undefined) return exact
  const named = keys.filter((key) => key.name === which)
  const live = named.filter((key) => key.state !== 'revoked')
  const [found, ...others] = live.length > 0 ? live : named
  if (found === undefined) throw notFound(`There is no key "${which}". ./pinyon keys list shows them.`)
  if (others.length > 0)
    throw new UsageError(`Several keys are called "${which}". Name one by its key, as ./pinyon keys list shows it.`)
  return found
}

function readPermissions(
  options: CreateOptions,
): NonNullable<CallInput<typeof routes.keysCreate>['body']>['permissions'] {
  const known = `Scopes:\n${Object.entries(endpoints)
    .map(([parent, names]) => names.map((name) => `${parent}.${name}`))
    .concat([[...resources]])
    .map((names) => `  ${names.join(', ')}`)
    .join('\n')}`
  const preset = Object.entries(presets).find(([name]) => name === options.preset)?.[1]
  if (options.preset !== undefined && preset === undefined)
    throw new UsageError(`There is no preset "${options.preset}". Presets: ${Object.keys(presets).join(', ')}.`)
  const wanted: readonly string[] = [...(preset?.scopes ?? []), ...options.scope]
  if (options.admin !== true && options.operator !== true && wanted.length === 0) {
    throw new UsageError(
      `Say what the key may do: --admin, --preset NAME (${Object.keys(presets).join(', ')}), or --scope NAME, once for each.\n${known}`,
    )
  }
  const tree: Record<string, Record<string, boolean>> = {}
  for (const scope of wanted) {
    if (resources.some((resource) => resource === scope)) continue
    if (!scopes.some((one) => one === scope)) throw new UsageError(`There is no scope "${scope}". ${known}`)
    const [parent = '', name = ''] = scope.split('.')
    tree[parent] = { ...tree[parent], [name]: true }
  }
  return {
    ...(options.admin === true ? { admin: true } : {}),
    ...(options.operator === true ? { operator: true } : {}),
    resources: resources.filter((resource) => wanted.includes(resource)),
    endpoints: tree,
  }
}

function readBounds(
  options: CreateOptions,
): NonNullable<NonNullable<CallInput<typeof routes.keysCreate>['body']>['bounds']> {
  const { own, address, origin, group, type, maxBytes, maxFileBytes } = options
  return {
    ...(own === true ? { own } : {}),
    ...(address.length === 0 ? {} : { addresses: [...address] }),
    ...(origin.length === 0 ? {} : { origins: [...origin] }),
    ...(group.length === 0 ? {} : { groups: [...group] }),
    ...(type.length === 0 ? {} : { types: [...type] }),
    ...(maxBytes === undefined ? {} : { maxBytes: readByteCount(maxBytes) }),
    ...(maxFileBytes === undefined ? {} : { maxFileBytes: readByteCount(maxFileBytes) }),
  }
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError('--max-uses wants a whole number from 1 on.')
  return Number(text)
}
