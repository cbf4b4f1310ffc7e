import { presentPermissions } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { WhoAmI } from '@pinyon/contract/schemas/accounts.ts'
import type { z } from 'zod'
import { findNetwork } from '../accounts/installation.ts'
import { getAccount } from '../accounts/manage-accounts.ts'
import type { Caller } from '../caller.ts'
import { getTotals } from '../files/totals.ts'
import { answer, door, type Door } from '../http/door.ts'
import { findKeyById, type KeyRow } from '../keys/queries.ts'
import { version } from '../lib/version.ts'
import type { Services } from '../services.ts'
import { presentAccount } from './present-accounts.ts'
import { presentTime } from './present-time.ts'

/** Does this credential work, and what may it do? */
export const whoamiDoors: readonly Door[] = [
  door(routes.testAuthentication, () => ({
    message: 'Congratulations! You are communicating with the Pinata API!',
  })),
  door(routes.whoami, async ({ services, caller }) => {
    const account = presentAccount(await getAccount(services, caller.accountId))
    const key = caller.key && (await findKeyById(services.db.read, caller.accountId, caller.key.id))
    const { apiUrl, gatewayUrl } = services.installation
    const network = await findNetwork(services)
    const shown: z.infer<typeof WhoAmI> = {
      account: { id: account.id, name: account.name },
      key: key === undefined ? null : presentOwnKey(key),
      user: caller.user === undefined ? null : { id: caller.user.id, email: caller.user.email, role: caller.user.role },
      scopes: presentPermissions(caller.granted),
      seesAllFiles: caller.reach === undefined,
      quota: await quotaOf(services, caller, account, key),
      publicContent: account.publicContent,
      limits: { keyvalues: services.config.limits.keyvalues },
      network,
      urls: { api: apiUrl, gateway: gatewayUrl },
      contact: services.config.contact ?? null,
      version,
    }
    return answer(200, shown, { 'cache-control': 'no-store' })
  }),
]

/** How much there is and may be: of what a key reaches, when that is not the whole account. */
async function quotaOf(
  services: Services,
  caller: Caller,
  { quotaBytes, usedBytes, files }: Awaited<ReturnType<typeof presentAccount>>,
  key: KeyRow | undefined,
): Promise<z.infer<typeof WhoAmI>['quota']> {
  if (caller.reach === undefined) {
    const leftBytes = quotaBytes === null ? null : Math.max(0, quotaBytes - usedBytes)
    return { limitBytes: quotaBytes, usedBytes, leftBytes, files }
  }
  const [shown, hidden] = [await getTotals(services, caller, 'public'), await getTotals(services, caller, 'private')]
  const limitBytes = caller.bounds?.maxBytes ?? null
  return {
    limitBytes,
    usedBytes: shown.bytes + hidden.bytes,
    leftBytes: limitBytes === null ? null : Math.max(0, limitBytes - (key?.uploaded_bytes ?? 0)),
    files: shown.files + hidden.files,
  }
}

function presentOwnKey(key: KeyRow): z.infer<typeof WhoAmI>['key'] {
  return {
    id: key.id,
    name: key.name,
    publicPart: key.public_part,
    usesLeft: key.max_uses === null ? null : Math.max(0, key.max_uses - key.uses),
    expiresAt: presentTime(key.expires_at),
    regeneratedAt: presentTime(key.regenerated_at),
  }
}
