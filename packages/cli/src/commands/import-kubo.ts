import type { Context } from '../context.ts'
import { UsageError } from '../exit.ts'
import { readKeyvalues } from '../keyvalue.ts'
import { dryRun } from '../moving/dry-run.ts'
import { type ImportItem, SourceFailed, type Way } from '../moving/import-item.ts'
import { exportFromKubo, type KuboAt, listKuboPins } from '../moving/kubo-rpc.ts'
import { listingFailed } from '../moving/listing-failed.ts'
import { runImport } from '../moving/run-import.ts'

/** Options of `import kubo`. */
export interface ImportKuboOptions {
  readonly public?: boolean
  readonly header: readonly string[]
  readonly keyvalue: readonly string[]
  readonly dryRun?: boolean
}

/** Imports every recursive pin of a Kubo node, with its name. Private unless --public. */
export async function importKubo(context: Context, address: string, options: ImportKuboOptions): Promise<void> {
  const at: KuboAt = {
    url: readRpcUrl(address),
    headers: readHeaders(options.header),
    signal: context.signal,
    onWait: (words) => context.out.note(words),
  }
  const keyvalues = readKeyvalues(options.keyvalue)
  const items: ImportItem[] = []
  try {
    for await (const { cid, name } of listKuboPins(at))
      items.push({
        source: 'kubo',
        sourceId: undefined,
        cid,
        name,
        keyvalues,
        network: options.public === true ? 'public' : 'private',
        createdAt: undefined,
        expiresAt: null,
        kind: 'upload',
      })
  } catch (error) {
    if (!(error instanceof SourceFailed)) throw error
    throw listingFailed(error, {
      what: 'The pins',
      service: "Kubo's RPC",
      address: at.url,
      onRefusal: `Its RPC wants to know who asks: --header 'Authorization: ...'. Or this is not Kubo's RPC but its gateway.`,
    })
  }
  if (options.dryRun === true) return dryRun(context, items)
  if (options.public !== true && items.length > 0)
    context.out.note('Private: only this account can read it here. (--public makes it readable for anyone.)')
  const byExport: Way = async ({ cid }) => ({ sizeBytes: undefined, open: () => exportFromKubo(at, cid) })
  await runImport(context, { items, ways: [byExport], atOnce: 2 })
}

function readRpcUrl(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.username !== '')
    throw new UsageError(`"${address}" is not the address of Kubo's RPC, such as http://127.0.0.1:5001.`)
  return `${url.origin}${url.pathname.replace(/\/(api\/v0\/?)?$/, '')}`
}

function readHeaders(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf(':')
      if (at < 1) throw new UsageError('--header wants "Name: value".')
      return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    }),
  )
}
