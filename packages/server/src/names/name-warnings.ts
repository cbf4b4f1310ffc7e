import type { Caller } from '../caller.ts'
import type { Db } from '../db/database.ts'
import { identityBytes } from '../ipfs/multihash.ts'
import { multihashKey } from '../ipfs/multihash-key.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import { type IpnsNameRow, listHeldOf, listNames } from './queries.ts'

/** Something about a name that its owner should know. */
export interface NameWarning {
  readonly code: 'not_held' | 'content_private' | 'expired'
  readonly message: string
}

/** A name with what its owner should know. */
export interface JudgedName {
  readonly row: IpnsNameRow
  readonly warnings: readonly NameWarning[]
}

/**
 * Says of each name whether the account still holds publicly what it leads to, and whether its record still holds. All
 * of them are names of one account.
 */
export async function judgeNames(db: Db, rows: readonly IpnsNameRow[], now: number): Promise<JudgedName[]> {
  const multihashes = new Map(
    rows.flatMap(({ multihash }) => (multihash === null ? [] : [[multihashKey(multihash), multihash]])),
  )
  const accountId = rows[0]?.account_id ?? ''
  const held = await listHeldOf(db, { accountId, multihashes: [...multihashes.values()], now })
  const networks = Map.groupBy(held, contentKey)
  return rows.map((row) => {
    const warnings: NameWarning[] = []
    const { value, multihash, codec, valid_until: until } = row
    if (value !== null && until !== null && until <= now)
      warnings.push({
        code: 'expired',
        message: `Its record held until ${new Date(until).toISOString()} and was not renewed. Publish it again.`,
      })
    if (multihash !== null && codec !== null && identityBytes(multihash) === undefined) {
      const found = networks.get(contentKey({ multihash, codec }))?.map(({ network }) => network) ?? []
      if (!found.includes(networkNumbers.public)) warnings.push(found.length > 0 ? onlyPrivate : notHeld)
    }
    return { row, warnings }
  })
}

/** Names that are told of, when content of theirs is gone. */
const toldNames = 100

/**
 * Of content that the account has just let go of: a warning for each of its names that leads to it, unless another
 * public file has it still. None for a caller that reaches only some files, since names are beyond that.
 */
export async function warnOfLost(
  { db, clock }: Pick<Services, 'db' | 'clock'>,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  content: { readonly multihash: Uint8Array; readonly codec: number },
): Promise<NameWarning[]> {
  if (reach !== undefined) return []
  const rows = await listNames(db.read, { accountId, after: '', limit: toldNames, content })
  if (rows.length === 0) return []
  const judged = await judgeNames(db.read, rows, clock.now())
  return judged.flatMap(({ row: { name }, warnings }) =>
    warnings
      .filter(({ code }) => code !== 'expired')
      .map(({ code }) => ({
        code,
        message: `The name ${name} leads to what was deleted, and to nothing that anybody here can read now. Publish something else under it.`,
      })),
  )
}

const notHeld: NameWarning = {
  code: 'not_held',
  message:
    'No public file of this account has the CID that this name leads to, so nobody here keeps it. Pin it, or publish something else.',
}

const onlyPrivate: NameWarning = {
  code: 'content_private',
  message:
    'What this name leads to is only in a private file now, so nobody can follow the name. Upload it publicly, or publish something else.',
}

function contentKey({ multihash, codec }: { multihash: Uint8Array; codec: number }): string {
  return `${codec} ${multihashKey(multihash)}`
}
