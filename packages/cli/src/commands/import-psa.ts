import { readApiUrl, type Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { readDuration } from '../duration.ts'
import { byCid } from '../moving/ask-by-cid.ts'
import { dryRun } from '../moving/dry-run.ts'
import { bringByGateway } from '../moving/gateway-way.ts'
import { type ImportItem, SourceFailed, type Way } from '../moving/import-item.ts'
import { listingFailed } from '../moving/listing-failed.ts'
import { listPsaPins, type PsaAt, type PsaPin } from '../moving/psa-list.ts'
import { runImport } from '../moving/run-import.ts'

/** Options of `import psa`. */
export interface ImportPsaOptions {
  readonly gateway: readonly string[]
  readonly origin: readonly string[]
  readonly wait?: string
  readonly dryRun?: boolean
}

/** Imports the pins of a service that speaks the Pinning Services API, with names, meta and times. */
export async function importPsa(
  context: Context,
  address: string,
  givenToken: string | undefined,
  options: ImportPsaOptions,
): Promise<void> {
  const token = givenToken ?? context.env['PSA_TOKEN']
  if (token === undefined || token === '')
    throw new UsageError('Give the access token of the service in PSA_TOKEN, or behind the address.')
  const at: PsaAt = {
    url: readPsaUrl(address),
    token,
    signal: context.signal,
    onWait: (words) => context.out.note(words),
    secrets: [token],
  }
  const { pins, count } = await list(at)
  if (count > pins.length)
    context.out.note(
      `The service counts ${count} pins and lists ${pins.length}: some share a time, by which alone it can be paged.`,
    )
  const items = pins.map((pin) => itemOf(new URL(at.url).host, pin))
  if (options.dryRun === true) return dryRun(context, items)
  const delegates = new Map(pins.map((pin) => [pin.requestid, pin.delegates ?? []]))
  const ways = [
    ...options.gateway.map((gateway) => byGateway(at, readApiUrl(gateway))),
    // The service's own addresses lead to peers that hold what it has pinned.
    byCid(context, ({ sourceId }) => [...options.origin, ...(delegates.get(sourceId ?? '') ?? [])]),
  ]
  const waitMs = readWait(options.wait)
  await runImport(context, { items, ways, atOnce: 6, waitMs })
}

async function list(at: PsaAt): Promise<Awaited<ReturnType<typeof listPsaPins>>> {
  try {
    return await listPsaPins(at, ['pinned'])
  } catch (error) {
    if (!(error instanceof SourceFailed)) throw error
    throw listingFailed(error, {
      what: 'The pins',
      service: 'the API of a pinning service',
      address: at.url,
      onRefusal: 'Is the access token one of that service, neither expired nor revoked, and may it list pins?',
    })
  }
}

function itemOf(source: string, { requestid, created, pin }: PsaPin): ImportItem {
  return {
    source,
    sourceId: requestid,
    cid: pin.cid,
    name: pin.name ?? null,
    keyvalues: pin.meta ?? {},
    network: 'public',
    createdAt: created,
    expiresAt: null,
    kind: 'cid',
  }
}

function readWait(text: string | undefined): number {
  return text === undefined ? 0 : readDuration(text) * 1_000
}

function byGateway(at: PsaAt, gateway: string): Way {
  return ({ cid }) =>
    bringByGateway(cid, {
      ...at,
      headers: {},
      isFolder: false,
      urlOf: async (asCar) => `${gateway}/ipfs/${encodeURIComponent(cid)}${asCar ? '?format=car' : ''}`,
    })
}

function readPsaUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '')
    throw new UsageError(`"${address}" is not the address of a pinning service, such as https://pin.example.org/psa.`)
  return `${url.origin}${url.pathname.replace(/\/+(pins\/?)?$/, '')}`
}
