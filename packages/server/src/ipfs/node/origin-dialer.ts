import { setTimeout as delay } from 'node:timers/promises'
import type { PeerId } from '@libp2p/interface'
import { peerIdFromString } from '@libp2p/peer-id'
import type { BlockSession } from './block-session.ts'
import { DialRefused } from './checked-lookup.ts'
import { beyondMaxAddresses, maxAddresses, type PeerAddress, readOrigin } from './origin.ts'

/** Between two dials of an origin that is away while its content is wanted. */
const dialAgainMs = 10_000
const leastPauseMs = 1_000

/** An address of a peer, and how it was written. */
interface NamedAddress {
  readonly text: string
  readonly address: PeerAddress
}

/** A way to peers: dials one at one address and makes it a source. Throws when it cannot, `DialRefused` when it may not. */
export interface PeerDialer {
  dial(peerId: PeerId, address: PeerAddress, signal: AbortSignal): Promise<void>
  isConnected(peerId: PeerId): boolean
  /** Makes a connected peer one that the fetch prefers, and keeps the connection as long as it is open. */
  attach(peerId: PeerId, session: BlockSession): void
}

/** The origins of a fetch as they were named, read: peers with their addresses, and servers. What is of no use is told. */
export function sortOrigins(
  session: BlockSession,
  origins: readonly string[],
): { peers: ReadonlyMap<string, NamedAddress[]>; urls: ReadonlySet<string> } {
  const peers = new Map<string, NamedAddress[]>()
  const urls = new Set<string>()
  let useful = 0
  for (const text of new Set(origins)) {
    const origin = readOrigin(text)
    if (origin.kind === 'useless') session.tell(text, origin.outcome, origin.detail)
    else if (++useful > maxAddresses) session.tell(text, 'refused', beyondMaxAddresses)
    else if (origin.kind === 'http') urls.add(origin.url)
    else {
      const addresses = peers.get(origin.peerId) ?? []
      addresses.push({ text, address: origin.address })
      peers.set(origin.peerId, addresses)
    }
  }
  return { peers, urls }
}

/**
 * Connects a peer and keeps at it while the fetch is open: when it goes away it is dialled again. Returns when the
 * fetch ends.
 */
export async function keepConnected(
  dialer: PeerDialer,
  session: BlockSession,
  { peer, addresses, signal }: { peer: string; addresses: readonly NamedAddress[]; signal: AbortSignal },
): Promise<void> {
  let peerId: PeerId
  try {
    peerId = peerIdFromString(peer)
  } catch {
    for (const { text } of addresses) session.tell(text, 'not-understood', 'its peer id cannot be read')
    return
  }
  let dialling: Promise<void> | undefined
  let dialledAt = 0
  const dialOnce = () => {
    dialledAt = performance.now()
    dialling ??= session
      .searching(() => dialInTurn(dialer, session, { peerId, addresses, signal }))
      .finally(() => (dialling = undefined))
    return dialling
  }
  // At once, so that a connection that broke costs a moment; but not again and again.
  session.onNeed(() => {
    if (!dialer.isConnected(peerId) && performance.now() - dialledAt > leastPauseMs) void dialOnce()
  })
  await dialOnce()
  while (session.isOpen) {
    try {
      await delay(dialAgainMs, undefined, { signal, ref: false })
    } catch {
      return // the fetch is over
    }
    if (session.isWaiting && !dialer.isConnected(peerId)) await dialOnce()
  }
}

/** One address after another until one leads to the peer. What came of each is told. */
async function dialInTurn(
  dialer: PeerDialer,
  session: BlockSession,
  { peerId, addresses, signal }: { peerId: PeerId; addresses: readonly NamedAddress[]; signal: AbortSignal },
): Promise<void> {
  for (const { text, address } of addresses) {
    if (!session.isOpen) return
    try {
      // A peer that is there already came by another address, perhaps by itself.
      const isThere = dialer.isConnected(peerId)
      if (!isThere) await dialer.dial(peerId, address, signal)
      session.tell(isThere ? peerId.toString() : text, 'connected')
      dialer.attach(peerId, session)
      return
    } catch (error) {
      if (signal.aborted) return
      const detail = error instanceof Error ? error.message : String(error)
      session.tell(text, error instanceof DialRefused ? 'refused' : 'unreachable', detail)
    }
  }
}
