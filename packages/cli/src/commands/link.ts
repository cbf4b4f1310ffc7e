import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { readByteCount } from '../byte-count.ts'
import type { Context } from '../context.ts'
import { readDuration } from '../duration.ts'
import { notFound, UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { bytesText, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'
import { doEach } from './each.ts'
import { findFiles } from './find-file.ts'

/** Options of `link create`. */
export interface LinkCreateOptions {
  readonly upload?: boolean
  readonly expires: string
  readonly uses?: string
  readonly path?: string
  readonly public?: boolean
  readonly name?: string
  readonly maxSize?: string
  readonly type: readonly string[]
  readonly folder?: boolean
  readonly group?: string
  readonly keyvalue: readonly string[]
}

const ofUpload = ['public', 'name', 'maxSize', 'folder', 'group'] as const

/** Signs a link: to a private file, or for one upload. */
export async function createLink(
  context: Context,
  which: string | undefined,
  options: LinkCreateOptions,
): Promise<void> {
  const expires = readDuration(options.expires)
  const isUpload = options.upload === true
  if ((which === undefined) !== isUpload)
    throw new UsageError('Name the file that the link shows, or say --upload for a link that takes an upload.')
  const url = await (which === undefined
    ? signUpload(context, options, expires)
    : signDownload(context, which, options, expires))
  const until = new Date(Date.now() + expires * 1_000).toISOString()
  context.out.result({ url, expiresAt: until }, url)
  context.out.note(
    isUpload
      ? `Whoever has this may upload one file until ${timeText(until)}: POST a form with a part called file.`
      : `Whoever has this may read the file until ${timeText(until)}. ./pinyon link revoke ends it earlier.`,
  )
}

async function signDownload(
  context: Context,
  which: string,
  options: LinkCreateOptions,
  expires: number,
): Promise<string> {
  const wrong = ofUpload.find((name) => options[name] !== undefined)
  if (wrong !== undefined || options.type.length > 0 || options.keyvalue.length > 0)
    throw new UsageError(`What a file is to be is said for uploads only (--upload), not for a link to one.`)
  const client = await context.client()
  const file = (await findFiles(context, which)).find(({ network }) => network === 'private')
  if (file === undefined)
    throw notFound('This file is public: anyone can read it at /ipfs of the gateway, without a link.')
  const { urls } = await client.call(routes.whoami, { signal: context.signal })
  const path = (options.path ?? '').split('/').filter((segment) => segment !== '')
  const url = [`${urls.gateway}/files/${file.cid}`, ...path.map(encodeURIComponent)].join('/')
  const uses = options.uses === undefined ? {} : { max_uses: readUses(options.uses) }
  const body = { url, expires, method: 'GET', file_id: file.id, ...uses }
  return (await client.call(routes.downloadLink, { body, signal: context.signal })).data
}

async function signUpload(context: Context, options: LinkCreateOptions, expires: number): Promise<string> {
  if (options.uses !== undefined || options.path !== undefined)
    throw new UsageError('A link for an upload makes one file; --uses and --path are of links to files.')
  const types = [...options.type, ...(options.folder === true ? ['directory'] : [])]
  const client = await context.client()
  const body = {
    expires,
    network: options.public === true ? ('public' as const) : ('private' as const),
    ...(options.name === undefined ? {} : { filename: options.name }),
    ...(options.group === undefined ? {} : { group_id: options.group }),
    ...(options.keyvalue.length === 0 ? {} : { keyvalues: readKeyvalues(options.keyvalue) }),
    ...(options.maxSize === undefined ? {} : { max_file_size: readByteCount(options.maxSize) }),
    ...(types.length === 0 ? {} : { allow_mime_types: types }),
  }
  return (await client.call(routes.filesSign, { body, signal: context.signal })).data
}

type Link = AnswerOf<typeof routes.linksPage>['links'][number]

/** Lists links, newest first; those that ended too with `all`. */
export async function listLinks(
  context: Context,
  options: { readonly all?: boolean; readonly kind?: string },
): Promise<void> {
  const client = await context.client()
  const links: Link[] = []
  for (let pageToken: string | undefined; ;) {
    const query = { active: options.all !== true, kind: options.kind, limit: 1_000, pageToken }
    const page = await client.call(routes.linksPage, { query, signal: context.signal })
    links.push(...page.links)
    if (page.nextPageToken === null) break
    pageToken = page.nextPageToken
  }
  context.out.result(links, () =>
    links.length === 0
      ? `No links${options.all === true ? '' : ' that can be used; --all shows those that ended'}.`
      : table(
          ['ID', 'FOR', 'WHAT', 'USES', 'EXPIRES', 'STATE'],
          links.map((link) => [
            link.id,
            link.kind,
            shorten(safeText(describeWhat(link)), context.out.nameColumns),
            link.maxUses === null ? String(link.uses) : `${link.uses} of ${link.maxUses}`,
            timeText(link.expiresAt),
            link.state,
          ]),
        ),
  )
}

function describeWhat({ kind, file, cid, path, bounds }: Link): string {
  if (kind === 'download') return [file?.name ?? cid ?? '', path ?? ''].filter((part) => part !== '').join('/')
  if (file !== null) return file.name ?? file.id
  const { name = null, maxFileSize = null, allowMimeTypes = null } = bounds ?? {}
  const words = [
    name ?? 'any name',
    ...(maxFileSize === null ? [] : [`at most ${bytesText(maxFileSize)}`]),
    ...(allowMimeTypes ?? []),
  ]
  return words.join(', ')
}

/** Ends links: the next request with one is refused. */
export async function revokeLinks(context: Context, which: readonly string[]): Promise<void> {
  const client = await context.client()
  const revoke = async (text: string) => {
    const id = readLinkId(text)
    await client.call(routes.linksRevoke, { params: { id }, signal: context.signal })
    return { id }
  }
  await doEach(context, which, revoke, ({ id }) => `Revoked ${id}.`)
}

/** The id of a link, out of the link itself too. */
function readLinkId(text: string): string {
  if (!URL.canParse(text)) return text
  const url = new URL(text)
  return url.searchParams.get('X-Link') ?? url.pathname.split('/').at(-1) ?? text
}

function readUses(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError('--uses wants a whole number from 1 on.')
  return Number(text)
}
