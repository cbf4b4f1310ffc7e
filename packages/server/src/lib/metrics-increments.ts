import type { Counter } from '@prometheus-io/client'
import type { Metrics } from './metrics.ts'

/** The counters that a process of the gateway moves. */
const counters = ['requests', 'servedBytes', 'damagedBlocks', 'internalErrors'] as const

/** By how much a counter grew, under its labels. */
export interface Increment {
  readonly counter: (typeof counters)[number]
  readonly labels: Readonly<Record<string, string>>
  readonly by: number
}

/** Tells, each time it is asked, by how much the counters of this process grew since it was asked before. */
export function metricsIncrements(metrics: Metrics): () => Promise<Increment[]> {
  const told = new Map<string, number>()
  return async () => {
    const increments: Increment[] = []
    for (const counter of counters) {
      const { values } = await metrics[counter].get()
      for (const { labels, value } of values) {
        const key = `${counter} ${JSON.stringify(labels)}`
        const by = value - (told.get(key) ?? 0)
        if (by === 0) continue
        told.set(key, value)
        increments.push({ counter, labels: textsOf(labels), by })
      }
    }
    return increments
  }
}

/** Adds what another process counted to what this one shows. */
export function addIncrements(metrics: Metrics, increments: readonly Increment[]): void {
  for (const { counter, labels, by } of increments) {
    const to = metrics[counter] as Counter<string> // the labels are those that it had in the other process
    if (Object.keys(labels).length === 0) to.inc(by)
    else to.inc(labels, by)
  }
}

function textsOf(labels: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, String(value)]))
}
