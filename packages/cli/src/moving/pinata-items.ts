import type { ImportItem } from './import-item.ts'
import { SourceFailed, typeOf } from './import-item.ts'
import {
  listPinataFiles,
  listPinataGroups,
  listPinataPins,
  type PinataAt,
  type PinataFile,
  type PinataPin,
} from './pinata-api.ts'

/** All files of an account at Pinata. */
export interface PinataFiles {
  readonly items: readonly ImportItem[]
  /** CIDs of folders: what a gateway gives for them is no file. */
  readonly folders: ReadonlySet<string>
  /** Files without a CID yet, which cannot be imported. */
  readonly pending: number
}

/**
 * Lists both networks. The v3 list knows groups and ends, pinList the kinds of key-values and files that are older than
 * v3; what both have is one file.
 */
export async function listPinata(at: PinataAt): Promise<PinataFiles> {
  const folders = new Set<string>()
  const items: ImportItem[] = []
  const sums = { pending: 0 }
  const pins = new Map<string, PinataPin>()
  for await (const pin of listPinataPins(at)) pins.set(pin.id, pin)
  const byContent = new Map([...pins.values()].map((pin) => [contentKey(pin.ipfs_pin_hash, pin.date_pinned), pin]))
  for (const network of ['public', 'private'] as const) {
    const groups = await groupsOf(at, network)
    for await (const file of listPinataFiles(at, network)) {
      // Of one without a CID nothing can be brought.
      if (file.cid === 'pending' || typeof file.cid !== 'string') {
        sums.pending++
        continue
      }
      const pin =
        network === 'public' ? (pins.get(file.id) ?? byContent.get(contentKey(file.cid, file.created_at))) : undefined
      if (pin !== undefined) pins.delete(pin.id)
      if (file.mime_type === 'directory') folders.add(file.cid)
      const group = file.group_id == null ? undefined : (groups.get(file.group_id) ?? file.group_id)
      items.push({
        ...itemOf(file, network),
        keyvalues: pin?.metadata?.keyvalues ?? file.keyvalues ?? {},
        ...(group === undefined ? {} : { group }),
      })
    }
  }
  for (const pin of pins.values()) {
    if (pin.mime_type === 'directory') folders.add(pin.ipfs_pin_hash)
    items.push(itemOfPin(pin))
  }
  return { items, folders, ...sums }
}

function itemOf(file: PinataFile, network: 'public' | 'private'): ImportItem {
  return {
    source: 'pinata',
    sourceId: file.id,
    cid: file.cid,
    name: file.name ?? null,
    keyvalues: file.keyvalues ?? {},
    network,
    createdAt: timeOf(file.created_at),
    expiresAt: file.expires_at == null ? null : timeOf(file.expires_at),
    kind: 'upload',
    ...typeOf(file.mime_type),
  }
}

function itemOfPin({ id, ipfs_pin_hash, date_pinned, metadata, mime_type }: PinataPin): ImportItem {
  return {
    source: 'pinata',
    sourceId: id,
    cid: ipfs_pin_hash,
    name: metadata?.name ?? null,
    keyvalues: metadata?.keyvalues ?? {},
    network: 'public',
    createdAt: timeOf(date_pinned),
    expiresAt: null,
    kind: 'upload',
    ...typeOf(mime_type),
  }
}

/** To the millisecond, as both lists may write times differently. */
function timeOf(text: string): string {
  const ms = Date.parse(text)
  return Number.isNaN(ms) ? text : new Date(ms).toISOString()
}

function contentKey(cid: string, time: string): string {
  return `${cid} ${timeOf(time)}`
}

/** A key may list files and no groups; their ids are known all the same. */
async function groupsOf(at: PinataAt, network: 'public' | 'private'): Promise<ReadonlyMap<string, string>> {
  try {
    return await listPinataGroups(at, network)
  } catch (error) {
    if (!(error instanceof SourceFailed && (error.status === 401 || error.status === 403))) throw error
    at.onWait(
      `The JWT may not list ${network} groups: those of its files are called by their ids here. It lacks org:groups:read.`,
    )
    return new Map()
  }
}
