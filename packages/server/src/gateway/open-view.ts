import { openSource, type OpenReading } from '../open-mode/open-source.ts'
import type { GatewayServices } from '../services.ts'
import { isCachedOnly, type View } from './answer.ts'
import type { Arrival } from './arrival.ts'
import type { Content } from './find-content.ts'
import { type GatewayRates, networkOf } from './gateway-rates.ts'
import type { GatewayRequest } from './read-request.ts'

interface Asked {
  readonly arrival: Pick<Arrival, 'address'>
  readonly request: GatewayRequest
  readonly content: Content
  /** What is shown without the open mode. */
  readonly held: View
  readonly signal: AbortSignal
}

/**
 * What a request may read whose content is not held here, where the operator turned the open mode on; undefined for all
 * others. Below a block that is public here everything is, so those go their usual way. Gateways of accounts and private
 * files are never asked about here.
 */
export async function openView(
  { openBlocks, denials, config, images, publicPlaces }: GatewayServices,
  { rates }: { readonly rates: GatewayRates },
  { arrival: { address }, request, content: { root }, held, signal }: Asked,
): Promise<View | undefined> {
  const settings = config.gateway.open
  if (openBlocks === undefined || settings === undefined) return undefined
  const { multihash } = root
  denials.requireReadable(multihash)
  if ((publicPlaces.peek(multihash) ?? (await publicPlaces.find(multihash))) !== undefined) return undefined
  const reading = (until: AbortSignal): OpenReading => ({
    root,
    client: networkOf(address),
    cachedOnly: isCachedOnly(request),
    signal: until,
    onMiss: () => rates.require('gateway-open', address),
  })
  const open = (until: AbortSignal) => openSource({ openBlocks, denials }, held.source, reading(until), settings)
  // An image may be made for several who ask at the same time, so it does not end with the first of them. What was made
  // of blocks that are not held here is shown at no gateway of an account.
  const making = { images, source: open(neverAborted), scope: 'open', share: address }
  return { ...held, source: open(signal), making, bounds: { maxDepth: settings.maxDepth } }
}

const neverAborted = new AbortController().signal
