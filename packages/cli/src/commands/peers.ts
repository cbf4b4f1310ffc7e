import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { safeText, table } from '../output.ts'
import { shorten } from '../text-width.ts'

/** Lists the peers that the IPFS node of the server is connected to. For operators. */
export async function peers(context: Context): Promise<void> {
  const client = await context.client()
  const answer = await client.call(routes.nodePeers, { signal: context.signal })
  context.out.result(answer.peers, () =>
    answer.peers.length === 0
      ? 'No peers. ./pinyon doctor says whether that is to be expected.'
      : table(
          ['PEER', 'DIRECTION', 'AGENT', 'ADDRESS'],
          answer.peers.map(({ peerId, direction, agent, address }) => [
            safeText(peerId),
            direction,
            shorten(safeText(agent ?? '-'), context.out.nameColumns),
            safeText(address),
          ]),
        ),
  )
}
