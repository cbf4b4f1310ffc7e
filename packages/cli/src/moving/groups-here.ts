import { routes } from '@pinyon/contract/routes.ts'
import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { listGroupsOf } from '../commands/find-group.ts'
import type { Context } from '../context.ts'

/**
 * Groups by name, while files are imported: the oldest of that name and network that is here, else a new one. So an
 * import that is run again makes none twice.
 */
export class GroupsHere {
  readonly #context: Context
  readonly #known = new Map<NetworkName, Promise<Map<string, string>>>()
  readonly #made = new Map<string, Promise<string>>()

  constructor(context: Context) {
    this.#context = context
  }

  /** The id of the group. */
  async idOf(network: NetworkName, name: string): Promise<string> {
    let known = this.#known.get(network)
    if (known === undefined) {
      known = this.#list(network)
      this.#known.set(network, known)
    }
    const there = (await known).get(name)
    if (there !== undefined) return there
    const key = `${network} ${name}`
    const making = this.#made.get(key) ?? this.#make(network, name)
    this.#made.set(key, making)
    return making
  }

  async #list(network: NetworkName): Promise<Map<string, string>> {
    const ids = new Map<string, string>()
    // Newest first, so the oldest of a name stays.
    for await (const { name, id } of listGroupsOf(this.#context, network)) ids.set(name, id)
    return ids
  }

  async #make(network: NetworkName, name: string): Promise<string> {
    const client = await this.#context.client()
    const body = { name }
    const { signal } = this.#context
    return (await client.call(routes.groupsCreate, { params: { network }, body, signal })).data.id
  }
}
