import { routes } from '@pinyon/contract/routes.ts'
import { psaStatuses } from '@pinyon/contract/schemas/psa.ts'
import type { Context } from '../context.ts'
import { describeFailure } from '../exit.ts'
import { GroupsHere } from './groups-here.ts'
import type { Outcome } from './import-item.ts'
import { isFatal } from './is-fatal.ts'
import type { WantedPin } from './manifest-pin.ts'
import { patiently } from './patiently.ts'

/** The longest name that `/psa` takes, in characters. */
const psaName = 255

/**
 * Asks for pins here as they were asked for there, but for their time. Those that are asked for already are passed over,
 * as many of one CID and name as there are. Gives those that the server refused, and why.
 */
export async function askAgain(context: Context, pins: readonly WantedPin[]): Promise<Outcome[]> {
  const groups = new GroupsHere(context)
  const here = new Map<string, Map<string | null, number>>()
  const refused: Outcome[] = []
  for (const pin of pins) {
    try {
      let byName = here.get(pin.cid)
      if (byName === undefined) here.set(pin.cid, (byName = await countByName(context, pin.cid)))
      const name = nameHere(pin)
      const left = byName.get(name) ?? 0
      if (left > 0) byName.set(name, left - 1)
      else await patiently(context.signal, () => ask(context, pin, groups))
    } catch (error) {
      if (isFatal(error)) throw error
      const why = describeFailure(error).message.replace(/\n.*/s, '')
      refused.push({ item: itemOf(pin), state: 'failed', error: `Not asked for: ${why}` })
    }
  }
  return refused
}

/** How many pins by CID there are of a CID in this spelling, by their names. */
async function countByName(context: Context, cid: string): Promise<Map<string | null, number>> {
  const client = await context.client()
  const counts = new Map<string | null, number>()
  for (let before: string | undefined; ;) {
    const query = { cid, status: psaStatuses.join(','), limit: 1_000, before }
    const { results, count } = await patiently(context.signal, () =>
      client.call(routes.psaList, { query, signal: context.signal }),
    )
    for (const { pin } of results)
      if (pin.cid === cid) counts.set(pin.name ?? null, (counts.get(pin.name ?? null) ?? 0) + 1)
    before = results.at(-1)?.created
    if (before === undefined || count <= results.length) return counts
  }
}

async function ask(context: Context, pin: WantedPin, groups: GroupsHere): Promise<void> {
  const client = await context.client()
  const { cid, name, keyvalues, origins, group } = pin
  if (isForPsa(pin)) {
    const body = { cid, name, meta: keyvalues as Record<string, string>, origins: [...origins] } // text, as was looked at
    await client.call(routes.psaAdd, { body, signal: context.signal })
  } else {
    const group_id = group === null ? undefined : await groups.idOf('public', group)
    const body = { cid, name, keyvalues, host_nodes: [...origins], group_id }
    await client.call(routes.pinByCid, { body, signal: context.signal })
  }
}

/** `/psa` takes more key-values and no name at all; it knows no groups, no long names, and nothing but text. */
function isForPsa({ name, keyvalues, group }: WantedPin): boolean {
  return (
    group === null &&
    Array.from(name ?? '').length <= psaName &&
    Object.values(keyvalues).every((value) => typeof value === 'string')
  )
}

/** The name that it has here: the other route gives what has none its CID. */
function nameHere(pin: WantedPin): string | null {
  return isForPsa(pin) ? pin.name : (pin.name ?? pin.cid)
}

function itemOf({ id, cid, name, keyvalues, group, created_at: createdAt }: WantedPin): Outcome['item'] {
  const network = 'public'
  return {
    source: 'pinyon',
    sourceId: id,
    cid,
    name,
    keyvalues,
    group,
    network,
    createdAt,
    expiresAt: null,
    kind: 'cid',
  }
}
