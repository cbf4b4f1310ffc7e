import { formatCid, type Cid } from '@pinyon/server/ipfs/cid.ts'
import { linksOf } from '@pinyon/server/ipfs/links-of.ts'
import { identityBytes } from '@pinyon/server/ipfs/multihash.ts'
import { MultihashTable } from '@pinyon/server/ipfs/multihash-table.ts'
import { readCar } from '@pinyon/server/ipfs/read-car.ts'
import { CommandError, exitCodes } from '../exit.ts'

/**
 * Reads a CAR to its end and checks it: every block against its CID, its one root, and that no block which is linked is
 * missing. Some 100 bytes of memory a block. Throws what is wrong with it.
 */
export async function checkCar(source: AsyncIterable<Uint8Array>, root: Cid, signal: AbortSignal): Promise<void> {
  const seen = new MultihashTable()
  const wanted = new MultihashTable()
  const want = ({ multihash }: Cid) => {
    if (identityBytes(multihash) === undefined) wanted.add(multihash)
  }
  want(root)
  const { roots } = await readCar(
    source,
    {
      put({ codec, multihash, bytes }) {
        const known = seen.size
        if (seen.add(multihash) < known) return
        for (const link of linksOf(
          codec,
          bytes.length === 1 && bytes[0] !== undefined ? bytes[0] : Buffer.concat(bytes),
        ))
          want(link)
      },
    },
    { signal },
  )
  const [named] = roots
  if (named === undefined || roots.length > 1 || named.codec !== root.codec || !same(named, root))
    throw damaged('its root is another one')
  for (const multihash of wanted) if (!seen.has(multihash)) throw damaged(`blocks of ${formatCid(root)} are missing`)
}

function same(a: Cid, b: Cid): boolean {
  return Buffer.compare(a.multihash, b.multihash) === 0
}

function damaged(what: string): CommandError {
  return new CommandError(`This is not the CAR that was asked for: ${what}.`, {
    reason: 'DAMAGED',
    exitCode: exitCodes.failed,
  })
}
