import { baseOf, isPossible, type Kind, type State, type Thing } from '../load/history.ts'
import type { Reader } from './reader.ts'

/** One thing as the installation shows it. */
export interface Seen {
  readonly id: string
  /** Its name, which says which thing it is where nobody heard of its id. */
  readonly name: string
  readonly state: Exclude<State, 'absent'>
}

/**
 * Holds what a list shows against the history: every thing is as it may be, and nothing is there that nobody asked for.
 * What was unknown is known afterwards.
 */
export function compare(reader: Reader, kind: Kind, account: number, seen: readonly Seen[]): Map<Thing, Seen> {
  const things = reader.driver.history.ofKind(kind).filter((thing) => thing.account === account)
  const byId = new Map(things.flatMap((thing) => (thing.id === undefined ? [] : [[thing.id, thing]])))
  const byName = new Map(things.map((thing) => [thing.name, thing]))
  const found = new Map<Thing, Seen>()
  for (const one of seen) {
    const thing = byId.get(one.id) ?? byName.get(baseOf(one.name))
    if (thing === undefined) reader.wrong.push(`${kind} ${one.name} (${one.id}) is there, and nobody made it`)
    else if (found.has(thing)) reader.wrong.push(`${kind} ${one.name} is there twice`)
    else found.set(thing, one)
  }
  for (const thing of things) settle(reader, thing, found.get(thing))
  return found
}

/** One thing against what it may be. */
export function settle(
  { wrong }: Pick<Reader, 'wrong'>,
  thing: Thing,
  seen: Pick<Seen, 'id' | 'state'> | undefined,
): void {
  const state = seen?.state ?? 'absent'
  if (!isPossible(thing, state)) {
    const may = thing.possible.map((one) => JSON.stringify(one)).join(' or ')
    wrong.push(`${thing.kind} ${thing.name} is ${JSON.stringify(state)}, it may be ${may}`)
  } else if (seen !== undefined && thing.id !== undefined && thing.id !== seen.id)
    wrong.push(`${thing.kind} ${thing.name} has the id ${seen.id}, it was ${thing.id}`)
  if (seen !== undefined) thing.id = seen.id
  thing.possible = [state]
}
