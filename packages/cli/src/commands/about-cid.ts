import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { fields, safeText, table, timeText } from '../output.ts'

/** Which of the two networks is meant. */
export interface NetworkOption {
  readonly private?: boolean
}

function paramsOf(cid: string, options: NetworkOption) {
  return { network: options.private === true ? ('private' as const) : ('public' as const), cid }
}

/** Has gateways show another CID in place of this one. */
export async function setSwap(context: Context, cid: string, target: string, options: NetworkOption): Promise<void> {
  const client = await context.client()
  const { data } = await client.call(routes.swapSet, {
    params: paramsOf(cid, options),
    body: { swap_cid: target },
    signal: context.signal,
  })
  context.out.result(data, `${safeText(cid)} is swapped for ${data.mapped_cid}.`)
}

/** What a CID was swapped for, newest first. */
export async function showSwaps(context: Context, cid: string, options: NetworkOption): Promise<void> {
  const client = await context.client()
  const { data } = await client.call(routes.swapHistory, { params: paramsOf(cid, options), signal: context.signal })
  context.out.result(data, () =>
    table(
      ['SINCE', 'SHOWS'],
      data.map((step) => [timeText(step.created_at), step.mapped_cid ?? 'itself']),
    ),
  )
}

/** Ends a swap. */
export async function endSwap(context: Context, cid: string, options: NetworkOption): Promise<void> {
  const client = await context.client()
  await client.call(routes.swapRemove, { params: paramsOf(cid, options), signal: context.signal })
  context.out.result({ cid, mapped_cid: null }, `${safeText(cid)} is shown itself again.`)
}

/** Keeps an EIP-712 signature of a CID. */
export async function addSignature(
  context: Context,
  cid: string,
  options: NetworkOption & { readonly address: string; readonly signature: string },
): Promise<void> {
  const client = await context.client()
  const { address, signature } = options
  const { data } = await client.call(routes.signatureAdd, {
    params: paramsOf(cid, options),
    body: { address, signature },
    signal: context.signal,
  })
  context.out.result(data, `${data.cid} is signed by ${data.address}.`)
}

/** Shows who signed a CID. */
export async function showSignature(context: Context, cid: string, options: NetworkOption): Promise<void> {
  const client = await context.client()
  const { data } = await client.call(routes.signatureGet, { params: paramsOf(cid, options), signal: context.signal })
  context.out.result(data, () =>
    fields([
      ['CID', data.cid],
      ['Address', data.address],
      ['Signature', data.signature],
      ['Since', timeText(data.created_at)],
    ]),
  )
}

/** Removes the account's signature of a CID. */
export async function removeSignature(context: Context, cid: string, options: NetworkOption): Promise<void> {
  const client = await context.client()
  await client.call(routes.signatureRemove, { params: paramsOf(cid, options), signal: context.signal })
  context.out.result({ cid, removed: true }, `Removed the signature of ${safeText(cid)}.`)
}
