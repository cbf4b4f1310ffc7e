import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'

/** What the process counts, in Prometheus' words. Labels are names of rows and statuses only, so there are few. */
export interface Metrics {
  readonly registry: Registry
  readonly requests: Counter<'route' | 'status'>
  readonly seconds: Histogram<'route'>
  readonly uploadedBytes: Counter
  readonly servedBytes: Counter
  readonly damagedBlocks: Counter
  readonly scrubbedBytes: Counter
  readonly internalErrors: Counter
  readonly uploadsUnderWay: Gauge
}

/** Makes the counters of one process. */
export function createMetrics(): Metrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  return {
    registry,
    requests: new Counter({
      name: 'pinyon_http_requests_total',
      help: 'Requests answered, by route and status.',
      labelNames: ['route', 'status'],
      registers,
    }),
    seconds: new Histogram({
      name: 'pinyon_http_request_seconds',
      help: 'Time from request to end of answer.',
      labelNames: ['route'],
      registers,
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60],
    }),
    uploadedBytes: new Counter({
      name: 'pinyon_uploaded_bytes_total',
      help: 'Content bytes of finished uploads.',
      registers,
    }),
    servedBytes: new Counter({
      name: 'pinyon_served_bytes_total',
      help: 'Body bytes that the gateway sent.',
      registers,
    }),
    damagedBlocks: new Counter({
      name: 'pinyon_damaged_blocks_total',
      help: 'Blocks whose bytes on disk did not match their hash when read. They are never served.',
      registers,
    }),
    scrubbedBytes: new Counter({
      name: 'pinyon_scrubbed_bytes_total',
      help: 'Bytes of stored blocks that the scrub read and held against their hash.',
      registers,
    }),
    internalErrors: new Counter({
      name: 'pinyon_internal_errors_total',
      help: 'Requests that failed for a reason of ours.',
      registers,
    }),
    uploadsUnderWay: new Gauge({
      name: 'pinyon_uploads_under_way',
      help: 'Uploads whose bytes are coming in.',
      registers,
    }),
  }
}
