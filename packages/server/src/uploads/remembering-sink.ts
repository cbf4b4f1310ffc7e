import type { Block, BlockSink } from '../ipfs/block.ts'
import { MultihashTable } from '../ipfs/multihash-table.ts'

/** Passes blocks on and remembers which: what belongs to the DAG when the sink holds blocks of another one too. */
export class RememberingSink implements BlockSink {
  readonly #sink: BlockSink
  readonly seen = new MultihashTable()

  constructor(sink: BlockSink) {
    this.#sink = sink
  }

  put(block: Block): Promise<void> | void {
    this.seen.add(block.multihash)
    return this.#sink.put(block)
  }
}
