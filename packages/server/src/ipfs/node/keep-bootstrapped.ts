import { setTimeout as delay } from 'node:timers/promises'
import { peerIdFromString } from '@libp2p/peer-id'
import type { Logger } from '../../lib/log.ts'
import { bootstrapAddresses } from './bootstrap.ts'
import { readOrigin } from './origin.ts'
import type { PeerDialer } from './origin-dialer.ts'

/** With fewer peers than these the way into the network is looked for again. */
const enoughPeers = 4
const pauseMs = 30_000

/** Joins the network, and joins it again whenever nearly nobody is connected. Ends when `signal` is aborted. */
export async function keepBootstrapped(
  dialer: Pick<PeerDialer, 'dial'>,
  {
    addresses = bootstrapAddresses,
    peers,
    signal,
    log,
  }: {
    addresses?: readonly string[]
    peers: () => number
    signal: AbortSignal
    log: Pick<Logger, 'debug'>
  },
): Promise<void> {
  while (!signal.aborted) {
    if (peers() < enoughPeers) {
      await Promise.all(
        addresses.map(async (text) => {
          const origin = readOrigin(text)
          if (origin.kind !== 'peer') return
          try {
            await dialer.dial(peerIdFromString(origin.peerId), origin.address, signal)
          } catch (error) {
            log.debug({ err: error, address: text }, 'a bootstrap node could not be reached')
          }
        }),
      )
    }
    try {
      await delay(pauseMs, undefined, { signal, ref: false })
    } catch {
      return // the node closes
    }
  }
}
