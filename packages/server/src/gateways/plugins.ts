import type { Caller } from '../caller.ts'
import { AppError } from '../lib/errors.ts'
import type { Services } from '../services.ts'
import { changeGateway, getGateway } from './manage-gateways.ts'
import { deletePlugin, insertPlugin, listPlugins } from './queries.ts'

/** What gateways can have beside the usual; numbers and names are Pinata's, which its programs know. */
export const marketplace = [
  {
    id: 1,
    name: 'Content Signatures',
    description: 'Answers carry the signature of the content in the header pinata-signature.',
    image: '',
    tags: ['signatures'],
  },
  {
    id: 2,
    name: 'Hot Swaps',
    description: 'A CID shows the content of the CID that it was swapped for.',
    image: '',
    tags: ['swaps'],
  },
] as const

/** A plugin by its number as it stands in a path. Throws `not_found`. */
export function getPlugin(id: string) {
  const plugin = marketplace.find((each) => String(each.id) === id)
  if (plugin === undefined) throw new AppError('not_found', 'There is no such plugin')
  return plugin
}

/** Plugins of all gateways of the account, or of one. Throws `not_found` when that is none of its own. */
export async function listGatewayPlugins(
  { db }: Pick<Services, 'db'>,
  caller: Caller,
  gatewayId?: string,
): Promise<{ gateway_id: string; plugin_id: number }[]> {
  if (gatewayId !== undefined) await getGateway(db.read, caller, gatewayId)
  return listPlugins(db.read, { accountId: caller.accountId, gatewayId })
}

/** Gives a gateway a plugin. Throws `not_found`, `invalid_request` for a number that none has. */
export async function addGatewayPlugin(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  { gatewayId, pluginId }: { gatewayId: string; pluginId: number },
): Promise<{ gateway_id: string; plugin_id: number }> {
  const known = marketplace.some(({ id }) => id === pluginId)
  return changeGateway(services, caller, gatewayId, async (tx, now) => {
    if (!known)
      throw new AppError('invalid_request', `plugin_id: must be ${marketplace.map(({ id }) => id).join(' or ')}`)
    const row = { gateway_id: gatewayId, plugin_id: pluginId }
    await insertPlugin(tx, { ...row, created_at: now })
    return { result: row, audit: { action: 'gateway.plugin_added', detail: { plugin: pluginId } } }
  })
}

/** Takes a plugin from a gateway. Throws `not_found`. */
export async function removeGatewayPlugin(
  services: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  { gatewayId, pluginId }: { gatewayId: string; pluginId: string },
): Promise<void> {
  const { id } = marketplace.find((each) => String(each.id) === pluginId) ?? { id: 0 }
  await changeGateway(services, caller, gatewayId, async (tx) => {
    if (!(await deletePlugin(tx, { gatewayId, pluginId: id }))) {
      throw new AppError('not_found', 'This gateway does not have this plugin')
    }
    return { result: undefined, audit: { action: 'gateway.plugin_removed', detail: { plugin: id } } }
  })
}
