import { routes } from '@pinyon/contract/routes.ts'
import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import { PinJob } from '@pinyon/contract/schemas/pin-jobs.ts'
import { listGroupsOf } from '../commands/find-group.ts'
import type { Context } from '../context.ts'
import { GroupsHere } from './groups-here.ts'

/** A pin by CID that is not here yet, as a line of the manifest. It has no CAR. */
export interface WantedPin {
  readonly kind: 'wanted'
  readonly id: string
  readonly cid: string
  readonly name: string | null
  readonly keyvalues: Readonly<Record<string, string>>
  readonly origins: readonly string[]
  readonly created_at: string
  /** The name of the group that it goes to; manifests of before say nothing of it. */
  readonly group: string | null
}

/** Pins by CID of the account that are waited for or have failed, oldest first. */
export async function* listWantedPins(context: Context): AsyncGenerator<WantedPin> {
  const client = await context.client()
  let groups: Map<string, string> | undefined
  for (let pageToken: string | undefined; ;) {
    const query = { order: 'ASC', limit: 1_000, pageToken }
    const { jobs, next_page_token } = (await client.call(routes.pinByCidList, { query, signal: context.signal })).data
    for (const { id, cid, name, keyvalues, host_nodes, date_queued, group_id } of jobs) {
      if (group_id !== null) groups ??= await groupNames(context)
      const group = group_id === null ? null : (groups?.get(group_id) ?? null)
      yield { kind: 'wanted', id, cid, name, keyvalues, origins: host_nodes, created_at: date_queued, group }
    }
    if (next_page_token === null) return
    pageToken = next_page_token
  }
}

async function groupNames(context: Context): Promise<Map<string, string>> {
  const names = new Map<string, string>()
  for await (const { id, name } of listGroupsOf(context, 'public')) names.set(id, name)
  return names
}

/** Such a line as it is read; undefined for what is none. */
export function readWantedPin(value: unknown): WantedPin | undefined {
  if (typeof value !== 'object' || value === null || Reflect.get(value, 'kind') !== 'wanted') return undefined
  const { origins, created_at, group, ...rest } = value as Record<string, unknown> // an object, looked at below
  const job = { ...rest, host_nodes: origins, date_queued: created_at, status: '', group_id: null }
  const { data } = PinJob.safeParse(job)
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

/** Asks for pins here as they were asked for there, but for their time. Those that are asked for already are passed over. */
export async function askAgain(context: Context, pins: readonly WantedPin[]): Promise<number> {
  const client = await context.client()
  const groups = new GroupsHere(context)
  let asked = 0
  for (const { cid, name, keyvalues, origins, group } of pins) {
    const query = { cid, status: psaStatuses.join(','), limit: 1_000 }
    const { results } = await client.call(routes.psaList, { query, signal: context.signal })
    if (results.some(({ pin }) => pin.cid === cid && (pin.name ?? null) === name)) continue
    if (group === null) {
      const body = { cid, name, meta: keyvalues, origins: [...origins] }
      await client.call(routes.psaAdd, { body, signal: context.signal })
    } else {
      // `/psa` knows no groups.
      const group_id = await groups.idOf('public', group)
      const body = { cid, name, keyvalues, host_nodes: [...origins], group_id }
      await client.call(routes.pinByCid, { body, signal: context.signal })
    }
    asked++
  }
  return asked
}
