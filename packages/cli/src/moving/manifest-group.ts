import { ApiError } from '@pinyon/contract/client.ts'
import { describeAsked } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { ExportedGroup } from '@pinyon/contract/schemas/imports.ts'
import { type Group, listGroupsOf } from '../commands/find-group.ts'
import type { Context } from '../context.ts'
import { describeFailure } from '../exit.ts'
import { safeText } from '../output.ts'
import { GroupsHere } from './groups-here.ts'
import { isFatal } from './is-fatal.ts'

/** A group that no other line of the manifest names. */
export type EmptyGroup = ExportedGroup

/** Tells groups of one name on two networks apart. */
export function groupKey({ network, name }: Pick<EmptyGroup, 'network' | 'name'>): string {
  return `${network} ${name}`
}

/** All groups of these networks; undefined, which is told, where the key may not list them. */
export async function groupsIfAllowed(
  context: Context,
  networks: readonly EmptyGroup['network'][],
): Promise<Group[] | undefined> {
  const groups: Group[] = []
  try {
    for (const network of networks) for await (const group of listGroupsOf(context, network)) groups.push(group)
    return groups
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 403)) throw error
    context.out.note(
      `This key may not list groups (${describeAsked(routes.groupsList)}): those without files are left out, and the group of pins that are waited for.`,
    )
    return undefined
  }
}

/** Groups that are not `named` (by `groupKey`), each name of a network once. */
export function emptyGroupsOf(groups: readonly Group[], named: ReadonlySet<string>): EmptyGroup[] {
  const empty = new Map<string, EmptyGroup>()
  for (const { network, name } of groups) {
    const line = { kind: 'group', network, name } as const
    if (!named.has(groupKey(line))) empty.set(groupKey(line), line)
  }
  return [...empty.values()]
}

/** Such a line as it is read; undefined for what is none. */
export function readEmptyGroup(value: unknown): EmptyGroup | undefined {
  return ExportedGroup.safeParse(value).data
}

/** Makes those that are not here. One that is refused is told of, and keeps nothing else from coming. */
export async function makeEmptyGroups(context: Context, wanted: readonly EmptyGroup[]): Promise<void> {
  const groups = new GroupsHere(context)
  for (const { network, name } of wanted) {
    try {
      await groups.idOf(network, name)
    } catch (error) {
      if (!(error instanceof ApiError) || (isFatal(error) && error.reason !== 'NO_SCOPES_FOUND')) throw error
      context.out.note(`The group ${safeText(name)} was not made: ${safeText(describeFailure(error).message)}`)
    }
  }
}
