import type { Receipt } from '@pinyon/contract/schemas/storage.ts'
import { CompactSign } from 'jose'
import type { z } from 'zod'
import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { countDamageOfPin } from '../pins/damage-queries.ts'
import { findVerifiedSince } from '../pins/scrub-queries.ts'
import { noSuchFile } from './get-file.ts'
import { findFileById, findHolding } from './queries.ts'

type ReceiptView = z.infer<typeof Receipt>

/** What receipts are signed as: no JWT of a key has this type, so a receipt opens nothing. */
const receiptType = 'pinyon-receipt+jws'

/**
 * Says, signed with the installation's key, what it keeps of a file. Nothing in it is older than this account's own copy
 * or depends on who else has the same content. Throws `not_found`.
 */
export async function getReceipt(
  services: Pick<Services, 'db' | 'clock' | 'installation' | 'signingKeys'>,
  { accountId, reach }: Pick<Caller, 'accountId' | 'reach'>,
  id: string,
): Promise<{ receipt: ReceiptView; jws: string }> {
  const { db, clock, installation, signingKeys } = services
  const file = await findFileById(db.read, { account: accountId, id, now: clock.now(), reach })
  if (file === undefined || file.pin_id === null) throw noSuchFile()
  const holding = await findHolding(db.read, file.id)
  if (holding === undefined) throw noSuchFile()
  const durableAt = holding.held_at ?? file.created_at
  const verifiedSince = (await findVerifiedSince(db.read)) ?? 0
  const [damage] = await countDamageOfPin(db.read, { pinId: file.pin_id })
  const damagedBlocks = damage?.n ?? 0
  const receipt: ReceiptView = {
    iss: installation.id,
    fileId: file.id,
    accountId,
    cid: file.cid,
    network: file.network === 1 ? 'public' : 'private',
    sizeBytes: file.size_bytes,
    numberOfBlocks: holding.number_of_blocks,
    durableAt: timeText(durableAt),
    verifiedAt: timeText(Math.max(durableAt, verifiedSince)),
    verifiedBy: verifiedSince > durableAt ? 'scrub' : 'arrival',
    damagedBlocks,
    copies: { disk: damagedBlocks === 0 ? 1 : 0 },
    issuedAt: timeText(clock.now()),
  }
  const { kid, privateKey } = signingKeys.current
  const jws = await new CompactSign(new TextEncoder().encode(JSON.stringify(receipt)))
    .setProtectedHeader({ alg: 'RS256', typ: receiptType, kid })
    .sign(privateKey)
  return { receipt, jws }
}

function timeText(ms: number): string {
  return new Date(ms).toISOString()
}
