import { type AnswerOf, ApiError } from '@pinyon/contract/client.ts'
import { describeAsked } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { ExportedFile } from '@pinyon/contract/schemas/imports.ts'
import { PinJob } from '@pinyon/contract/schemas/pin-jobs.ts'
import type { Group } from '../commands/find-group.ts'
import type { Context } from '../context.ts'
import type { Keyvalues } from './keyvalues.ts'

/** A pin by CID that is not here yet, as a line of the manifest. It has no CAR. */
export interface WantedPin {
  readonly kind: 'wanted'
  readonly id: string
  readonly cid: string
  readonly name: string | null
  readonly keyvalues: Keyvalues
  readonly origins: readonly string[]
  readonly created_at: string
  /** The name of the group that it goes to; manifests of before say nothing of it. */
  readonly group: string | null
}

/** Pins by CID of the account that are waited for or have failed, oldest first; undefined, which is told, where the key may not list them. */
export async function wantedIfAllowed(
  context: Context,
  groups: readonly Group[],
): Promise<AsyncGenerator<WantedPin> | undefined> {
  const groupNames = new Map(groups.map(({ id, name }) => [id, name]))
  try {
    return listWanted(context, groupNames, await listPage(context))
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 403)) throw error
    context.out.note(
      `This key may not list pins by CID (${describeAsked(routes.pinByCidList)}): those that are not here yet are left out.`,
    )
    return undefined
  }
}

type Page = AnswerOf<typeof routes.pinByCidList>['data']

async function listPage(context: Context, pageToken?: string): Promise<Page> {
  const client = await context.client()
  const query = { order: 'ASC', limit: 1_000, pageToken }
  return (await client.call(routes.pinByCidList, { query, signal: context.signal })).data
}

async function* listWanted(
  context: Context,
  groupNames: ReadonlyMap<string, string>,
  first: Page,
): AsyncGenerator<WantedPin> {
  for (let { jobs, next_page_token } = first; ; { jobs, next_page_token } = await listPage(context, next_page_token)) {
    for (const { id, cid, name, keyvalues: texts, host_nodes, date_queued, group_id } of jobs) {
      const group = group_id === null ? null : (groupNames.get(group_id) ?? null)
      const keyvalues = Object.keys(texts).length === 0 ? texts : ((await sentKeyvalues(context, id)) ?? texts)
      yield { kind: 'wanted', id, cid, name, keyvalues, origins: host_nodes, created_at: date_queued, group }
    }
    if (next_page_token === null) return
  }
}

/** As they were sent: the list has all of them as text. Undefined for a pin that is gone meanwhile, or may not be looked at. */
async function sentKeyvalues(context: Context, id: string): Promise<Keyvalues | undefined> {
  const client = await context.client()
  try {
    return (await client.call(routes.pinsGet, { params: { id }, signal: context.signal })).keyvalues
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.status === 403)) return undefined
    throw error
  }
}

const Line = PinJob.extend({ keyvalues: ExportedFile.shape.keyvalues })

/** Such a line as it is read; undefined for what is none. */
export function readWantedPin(value: unknown): WantedPin | undefined {
  if (typeof value !== 'object' || value === null || Reflect.get(value, 'kind') !== 'wanted') return undefined
  const { origins, created_at, group, ...rest } = value as Record<string, unknown> // an object, looked at below
  const job = { ...rest, host_nodes: origins, date_queued: created_at, status: '', group_id: null }
  const { data } = Line.safeParse(job)
  return data === undefined
    ? undefined
    : {
        kind: 'wanted',
        id: data.id,
        cid: data.cid,
        name: data.name,
        keyvalues: data.keyvalues,
        origins: data.host_nodes,
        created_at: data.date_queued,
        group: typeof group === 'string' ? group : null,
      }
}
