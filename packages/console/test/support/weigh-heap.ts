import type { CDPSession } from 'playwright-core'

/** What a page's script holds, in bytes. */
export interface HeapParts {
  /**
   * Objects, arrays, strings, closures, numbers: what the script made and still reaches, and what would grow without end.
   * Source text, and what belongs to the page rather than to its script, is in neither part.
   */
  readonly data: number
  /** What V8 made from the script: bytecode, feedback, compiled functions. Grows until each hot function is compiled. */
  readonly code: number
}

const dataTypes = new Set([
  'array',
  'string',
  'concatenated string',
  'sliced string',
  'object',
  'closure',
  'number',
  'bigint',
  'symbol',
  'regexp',
])
const codeTypes = new Set(['code', 'object shape'])

/**
 * Collects everything nobody holds, and says from a snapshot of the heap what is left (the format: V8's
 * `heap-snapshot-generator.cc`, HeapSnapshotJSONSerializer). Four collections: what one ends can be what holds more.
 */
export async function weighHeap(devtools: CDPSession): Promise<HeapParts> {
  for (let n = 0; n < 4; n++) await devtools.send('HeapProfiler.collectGarbage')
  const chunks: string[] = []
  const take = ({ chunk }: { readonly chunk: string }) => void chunks.push(chunk)
  devtools.on('HeapProfiler.addHeapSnapshotChunk', take)
  await devtools.send('HeapProfiler.takeHeapSnapshot', { reportProgress: false })
  devtools.off('HeapProfiler.addHeapSnapshotChunk', take)
  const { snapshot, nodes } = JSON.parse(chunks.join('')) as Snapshot // as V8 writes it
  const fields = snapshot.meta.node_fields
  const [type, size] = [fields.indexOf('type'), fields.indexOf('self_size')]
  const sums = { data: 0, code: 0 }
  for (let at = 0; at < nodes.length; at += fields.length) {
    const name = snapshot.meta.node_types[0][nodes[at + type] ?? 0] ?? ''
    const bytes = nodes[at + size] ?? 0
    if (dataTypes.has(name)) sums.data += bytes
    else if (codeTypes.has(name)) sums.code += bytes
  }
  return sums
}

interface Snapshot {
  readonly snapshot: {
    readonly meta: { readonly node_fields: readonly string[]; readonly node_types: readonly [readonly string[]] }
  }
  readonly nodes: readonly number[]
}
