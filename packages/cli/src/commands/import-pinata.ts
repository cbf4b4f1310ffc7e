import type { Context } from '../context.ts'
import { readApiUrl, readJwt } from '../context.ts'
import { UsageError } from '../exit.ts'
import { readDuration } from '../duration.ts'
import { byCid } from '../moving/ask-by-cid.ts'
import { dryRun } from '../moving/dry-run.ts'
import { bringByGateway } from '../moving/gateway-way.ts'
import { type ImportItem, SourceFailed, type Way } from '../moving/import-item.ts'
import { listingFailed } from '../moving/listing-failed.ts'
import { findPinataGateway, makePinataLink, type PinataAt } from '../moving/pinata-api.ts'
import { listPinata, type PinataFiles } from '../moving/pinata-items.ts'
import { runImport } from '../moving/run-import.ts'

/** Options of `import pinata`. */
export interface ImportPinataOptions {
  readonly jwt?: string
  readonly pinataApi: string
  readonly gateway?: string
  readonly gatewayToken?: string
  readonly origin: readonly string[]
  readonly wait?: string
  readonly dryRun?: boolean
}

const sharedGateway = 'https://gateway.pinata.cloud'

/** Imports all files of an account at Pinata: both networks, names, key-values, dates. Nothing is changed there. */
export async function importPinata(context: Context, options: ImportPinataOptions): Promise<void> {
  const jwt = options.jwt ?? context.env['PINATA_JWT']
  if (jwt === undefined)
    throw new UsageError("Give a JWT of Pinata's with --jwt or PINATA_JWT; one that may read is enough.")
  const at: PinataAt = {
    api: readApiUrl(options.pinataApi),
    jwt: readJwt(jwt),
    signal: context.signal,
    onWait: (words) => context.out.note(words),
    secrets: [jwt, ...(options.gatewayToken === undefined ? [] : [options.gatewayToken])],
  }
  const listed = await list(at)
  const { items, pending } = listed
  if (pending > 0) context.out.note(`${pending} files at Pinata have no CID yet and are left out. Import again later.`)
  if (options.dryRun === true) return dryRun(context, items)
  const own = options.gateway === undefined ? await findPinataGateway(at) : readApiUrl(options.gateway)
  const ways = [gatewayWay(at, own, options.gatewayToken, listed), byCid(context, () => options.origin)]
  const waitMs = options.wait === undefined ? 0 : readDuration(options.wait) * 1_000
  await runImport(context, { items, ways, atOnce: 6, waitMs })
}

async function list(at: PinataAt): Promise<PinataFiles> {
  try {
    return await listPinata(at)
  } catch (error) {
    if (!(error instanceof SourceFailed)) throw error
    throw listingFailed(error, {
      what: "Pinata's files",
      service: "Pinata's API",
      address: at.api,
      onRefusal:
        'Is the JWT one of Pinata, neither expired nor revoked, with an admin key or pinList and org:files:read?',
    })
  }
}

function gatewayWay(at: PinataAt, own: string | undefined, token: string | undefined, { folders }: PinataFiles): Way {
  const headers: Record<string, string> = token === undefined ? {} : { 'x-pinata-gateway-token': token }
  return async (item: ImportItem) => {
    const path = encodeURIComponent(item.cid)
    const asking = { ...at, headers, isFolder: folders.has(item.cid) }
    if (item.network === 'public')
      return bringByGateway(item.cid, {
        ...asking,
        urlOf: async (asCar) => `${own ?? sharedGateway}/ipfs/${path}${asCar ? '?format=car' : ''}`,
      })
    if (own === undefined)
      throw new SourceFailed(
        'private files come by a gateway of the account: name it with --gateway https://NAME.mypinata.cloud',
      )
    return bringByGateway(item.cid, {
      ...asking,
      urlOf: (asCar) => makePinataLink(at, `${own}/files/${path}${asCar ? '?format=car' : ''}`),
    })
  }
}
