import type { Libp2p } from '@libp2p/interface'
import { setTimeout as delay } from 'node:timers/promises'
import { CID } from 'multiformats/cid'
import type { BlockSession } from './block-session.ts'
import { type Cid, cidBytes } from '../cid.ts'
import type { PeerDialer } from './origin-dialer.ts'

/** Providers of a root that are dialled. */
const maxProviders = 10
const searchMs = 60_000
/** Peers that are connected already have so long to show that they have it. */
const headStartMs = 1_000

/** Looks on the DHT for peers that have the root and makes them sources. Ends when enough were found, or when nobody knows more. */
export async function findProviders(
  libp2p: Libp2p,
  dialer: Pick<PeerDialer, 'attach' | 'isConnected'>,
  session: BlockSession,
  { root, signal: ofFetch }: { root: Cid; signal: AbortSignal },
): Promise<void> {
  const signal = AbortSignal.any([ofFetch, AbortSignal.timeout(searchMs)])
  const dials: Promise<void>[] = []
  try {
    await delay(headStartMs, undefined, { signal, ref: false })
    for await (const { id } of libp2p.contentRouting.findProviders(CID.decode(cidBytes(root)), { signal })) {
      if (id.equals(libp2p.peerId)) continue
      dials.push(
        (async () => {
          try {
            // By the addresses that came with the record, which the gater lets pass only when they are public.
            if (!dialer.isConnected(id)) await libp2p.dial(id, { signal })
            dialer.attach(id, session)
          } catch (error) {
            if (!signal.aborted) session.tell(id.toString(), 'unreachable', wordsOf(error))
          }
        })(),
      )
      if (dials.length >= maxProviders) break
    }
  } catch (error) {
    if (!ofFetch.aborted) session.tell('the public network', 'unreachable', wordsOf(error))
  }
  await Promise.all(dials)
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
