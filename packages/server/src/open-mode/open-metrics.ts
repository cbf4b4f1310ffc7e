import { Counter, Gauge, type Registry } from '@prometheus-io/client'

/** What is counted of the open mode. */
export interface OpenMetrics {
  readonly blocks: Counter<'from'>
  readonly bytes: Counter
  readonly refused: Counter<'reason'>
  /** Says what is going on when somebody looks. */
  follow(now: { fetches: () => number; waiting: () => number; cacheBytes: () => number }): void
}

/** Makes the counters of the open mode: of the process that fetches, for all of its gateway. */
export function createOpenMetrics(registry: Registry): OpenMetrics {
  const registers = [registry]
  return {
    blocks: new Counter({
      name: 'pinyon_open_blocks_total',
      help: 'Blocks given that are not held here, by where they came from: cache or network.',
      labelNames: ['from'],
      registers,
    }),
    bytes: new Counter({
      name: 'pinyon_open_bytes_total',
      help: 'Bytes of blocks that the open mode fetched.',
      registers,
    }),
    refused: new Counter({
      name: 'pinyon_open_refused_total',
      help: 'Blocks that the open mode did not give, by reason.',
      labelNames: ['reason'],
      registers,
    }),
    follow({ fetches, waiting, cacheBytes }) {
      gauge('pinyon_open_fetches', 'Roots that the open mode fetches blocks of now.', fetches)
      gauge('pinyon_open_waiting', 'Requests that wait for a place to fetch in.', waiting)
      gauge('pinyon_open_cache_bytes', 'What the cache of the open mode takes on disk.', cacheBytes)
    },
  }

  function gauge(name: string, help: string, value: () => number): void {
    const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(value()) })
  }
}
