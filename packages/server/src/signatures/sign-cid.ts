import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { actorOf, recordAudit } from '../accounts/audit.ts'
import type { Caller } from '../caller.ts'
import { isUniqueViolation } from '../db/violations.ts'
import { listHeldByContent } from '../files/queries.ts'
import { type Cid, formatCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import { networkNumbers } from '../pins/network.ts'
import type { Services } from '../services.ts'
import {
  deleteSignature,
  findSignature,
  insertSignature,
  isHeldEarlier,
  type SignatureRow,
  type SignedKey,
} from './queries.ts'
import { recoverSigner } from './recover-signer.ts'

/** Which CID on which network. */
export interface ContentKey {
  readonly network: NetworkName
  readonly cid: Cid
}

/**
 * Keeps the signature of a CID that the account holds, and held before any other that shows it, once it was checked to be
 * by `address` (EIP-712) over the CID and the time of the account's first upload of it. Throws `forbidden` for whatever
 * of this does not hold, as Pinata does.
 */
export async function signCid(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  key: ContentKey,
  { address, signature }: { address: string; signature: string },
): Promise<SignatureRow> {
  const of = keyOf(key)
  const { accountId, reach } = caller
  const at = clock.now()
  const [first] = await listHeldByContent(db.read, { account: accountId, reach, ...of, now: at, after: '', limit: 1 })
  if (first === undefined) throw refused('The account does not hold this CID on that network')
  const date = new Date(first.created_at).toISOString()
  const spellings = [...new Set([formatCid(key.cid), first.cid])]
  const cid = spellings.find((each) => recoverSigner({ address, cid: each, date }, signature) === address.toLowerCase())
  if (cid === undefined) {
    throw refused(
      `The signature is not by ${address} over the typed data Sign { address, cid: "${spellings[0]}", date: "${date}" } of the domain Sign Content 1.0.0 on chain 1`,
    )
  }
  const row = { id: newId(), account_id: accountId, ...of, created_by_key: caller.key?.id ?? null, created_at: at }
  const kept: SignatureRow = { ...row, cid, address: address.toLowerCase(), signature }
  const lineId = newId()
  try {
    await db.write(async (tx) => {
      const isPublic = of.network === networkNumbers.public
      if (isPublic && (await isHeldEarlier(tx, { accountId, of, at: first.created_at }))) {
        throw refused('Another account uploaded this CID earlier; only the first may sign it')
      }
      await insertSignature(tx, kept)
      await recordAudit(tx, {
        id: lineId,
        at,
        accountId,
        actor: actorOf(caller),
        action: 'signature.added',
        target: cid,
        origin: caller.origin,
        detail: { network: key.network, address: kept.address },
      })
    })
  } catch (error) {
    if (isUniqueViolation(error)) throw signedBefore()
    throw error
  }
  return kept
}

/** The signature of a CID. Of what is public anybody's may be read. Throws `not_found`. */
export async function getSignature(
  { db }: Pick<Services, 'db'>,
  { accountId }: Pick<Caller, 'accountId'>,
  key: ContentKey,
): Promise<SignatureRow> {
  const found = await findSignature(db.read, accountId, keyOf(key))
  if (found === undefined) throw noSignature()
  return found
}

/** Removes the account's own signature of a CID. Throws `not_found`. */
export async function removeSignature(
  { db, clock, newId }: Pick<Services, 'db' | 'clock' | 'newId'>,
  caller: Caller,
  key: ContentKey,
): Promise<void> {
  const at = clock.now()
  const id = newId()
  await db.write(async (tx) => {
    if (!(await deleteSignature(tx, caller.accountId, keyOf(key)))) throw noSignature()
    await recordAudit(tx, {
      id,
      at,
      accountId: caller.accountId,
      actor: actorOf(caller),
      action: 'signature.removed',
      target: formatCid(key.cid),
      origin: caller.origin,
      detail: { network: key.network },
    })
  })
}

function keyOf({ network, cid }: ContentKey): SignedKey {
  return { network: networkNumbers[network], multihash: cid.multihash, codec: cid.codec }
}

function refused(words: string): AppError {
  return new AppError('forbidden', words)
}

function signedBefore(): AppError {
  return refused('This CID is signed already; delete that signature first')
}

function noSignature(): AppError {
  return new AppError('not_found', 'There is no signature of this CID')
}
