import { type Cid, cidBytes, cidFromBytes } from './cid.ts'
import type { ImportedNode } from './layout.ts'

/** Before the CID of a record: three numbers of eight bytes and the length of the CID. */
const headBytes = 25

/**
 * The children of one directory that is being put together. Files are records in one growing buffer and not objects,
 * so that a folder of a hundred thousand files takes a few megabytes.
 */
export class Folder {
  /** What stands under a name: a folder that is still open, or where the record of a finished node begins. */
  readonly children = new Map<string, Folder | number>()
  #records = Buffer.alloc(0)
  #end = 0

  addFile(name: string, node: ImportedNode): void {
    this.children.set(ownString(name), this.#append(node))
  }

  addFolder(name: string): Folder {
    const folder = new Folder()
    this.children.set(ownString(name), folder)
    return folder
  }

  /** Puts the finished node in the place of the folder it came from. */
  replace(name: string, node: ImportedNode): void {
    this.children.set(name, this.#append(node))
  }

  /** The finished node under a name. The multihash is a view. */
  node(name: string): ImportedNode {
    const at = this.#recordOf(name)
    return {
      cid: cidFromBytes(this.#records, at + headBytes).cid,
      cumulativeBytes: this.#records.readDoubleLE(at),
      contentBytes: this.#records.readDoubleLE(at + 8),
      blockCount: this.#records.readDoubleLE(at + 16),
    }
  }

  /** As `node`, only what a link to it says. */
  link(name: string): { cid: Cid; tsize: number } {
    const at = this.#recordOf(name)
    return { cid: cidFromBytes(this.#records, at + headBytes).cid, tsize: this.#records.readDoubleLE(at) }
  }

  /** Sums over all finished nodes. */
  get totals(): { contentBytes: number; blockCount: number } {
    let contentBytes = 0
    let blockCount = 0
    for (let at = 0; at < this.#end; at += headBytes + (this.#records[at + 24] ?? 0)) {
      contentBytes += this.#records.readDoubleLE(at + 8)
      blockCount += this.#records.readDoubleLE(at + 16)
    }
    return { contentBytes, blockCount }
  }

  #recordOf(name: string): number {
    const at = this.children.get(name)
    if (typeof at !== 'number') throw new Error('No finished node stands under this name')
    return at
  }

  #append(node: ImportedNode): number {
    const cid = cidBytes(node.cid)
    const at = this.#end
    const end = at + headBytes + cid.length
    if (end > this.#records.length) {
      const larger = Buffer.alloc(Math.max(256, end, Math.ceil(this.#records.length * 1.5)))
      larger.set(this.#records)
      this.#records = larger
    }
    this.#records.writeDoubleLE(node.cumulativeBytes, at)
    this.#records.writeDoubleLE(node.contentBytes, at + 8)
    this.#records.writeDoubleLE(node.blockCount, at + 16)
    this.#records[at + 24] = cid.length
    this.#records.set(cid, at + headBytes)
    this.#end = end
    return at
  }
}

/** The same text without the header line it was cut from, which V8 keeps alive for cuts of 13 characters and more. */
function ownString(text: string): string {
  return text.length < 13 ? text : Buffer.from(text).toString()
}
