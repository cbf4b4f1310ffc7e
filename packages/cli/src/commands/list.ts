import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { bytesText, safeText, table, timeText } from '../output.ts'
import { shorten } from '../text-width.ts'
import { networks, type File } from './find-file.ts'
import { findGroup, type Group } from './find-group.ts'

/** Options of `ls`. */
export interface ListOptions {
  readonly public?: boolean
  readonly private?: boolean
  readonly name?: string
  readonly cid?: string
  readonly mimeType?: string
  readonly keyvalue: readonly string[]
  readonly group?: string
  readonly limit: string
  readonly all?: boolean
}

/** Lists files, newest first; both networks unless one is named. */
export async function list(context: Context, options: ListOptions): Promise<void> {
  const limit = options.all === true ? Infinity : readLimit(options.limit)
  const wanted = networks.filter((network) => options.public === options.private || options[network] === true)
  const group = await readGroup(context, options.group, wanted)
  const asked = group === undefined || group === 'none' ? wanted : [group.network]
  const filter = group === 'none' ? 'null' : group?.id
  const pages = []
  for (const network of asked) pages.push(await listNetwork(context, network, { ...options, group: filter }, limit))
  const files = pages.flatMap((page) => page.files).toSorted((a, b) => (a.id < b.id ? 1 : -1))
  const shown = files.slice(0, limit)
  context.out.result(shown, () => describe(shown, context.out.nameColumns, isFiltered(options)))
  if (files.length > limit || pages.some(({ hasMore }) => hasMore))
    context.out.note(`The newest ${limit}; more with --limit N or --all.`)
}

function describe(files: readonly File[], nameColumns: number, filtered: boolean): string {
  if (files.length === 0) return filtered ? 'No files like that.' : 'No files yet. Upload one: ./pinyon upload FILE'
  return table(
    ['ID', 'NAME', 'SIZE', 'NETWORK', 'CREATED', 'CID'],
    files.map((file) => [
      file.id,
      `${shorten(safeText(file.name ?? '-'), nameColumns)}${file.mime_type === 'directory' ? '/' : ''}`,
      bytesText(file.size),
      file.network,
      timeText(file.created_at),
      file.cid,
    ]),
  )
}

/** The group that is meant; `none` asks for files without one. */
async function readGroup(
  context: Context,
  which: string | undefined,
  among: readonly File['network'][],
): Promise<Group | 'none' | undefined> {
  return which === undefined || which === 'none' ? which : findGroup(context, which, among)
}

async function listNetwork(
  context: Context,
  network: File['network'],
  options: Omit<ListOptions, 'group'> & { group: string | undefined },
  limit: number,
): Promise<{ files: File[]; hasMore: boolean }> {
  const client = await context.client()
  const keyvalues = Object.entries(readKeyvalues(options.keyvalue))
  const filters = {
    ...Object.fromEntries(keyvalues.map(([key, value]) => [`keyvalues[${key}]`, value])),
    name: options.name,
    cid: options.cid,
    mimeType: options.mimeType,
    group: options.group,
    order: 'DESC',
  }
  const files: File[] = []
  for (let pageToken: string | undefined; ;) {
    const query = { ...filters, limit: Math.min(limit - files.length, 1_000), pageToken }
    const { data } = await client.call(routes.filesList, { params: { network }, query, signal: context.signal })
    files.push(...data.files)
    const hasMore = data.next_page_token !== null
    if (!hasMore || files.length >= limit) return { files, hasMore }
    pageToken = data.next_page_token ?? undefined
  }
}

function isFiltered(options: ListOptions): boolean {
  const { name, cid, mimeType, keyvalue, group } = options
  return (
    options.public === true ||
    options.private === true ||
    [name, cid, mimeType, group].some((filter) => filter !== undefined) ||
    keyvalue.length > 0
  )
}

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new UsageError('--limit wants a whole number from 1 on.')
  return Number(text)
}
