import { Gauge } from '@prometheus-io/client'
import type { Metrics } from '../../lib/metrics.ts'
import type { Denylists } from './denylists.ts'

/** Adds how many rules the lists have, and how much of them cannot be followed. */
export function addDenylistMetrics({ registry }: Pick<Metrics, 'registry'>, lists: Denylists): void {
  const registers = [registry]
  const rules: Gauge = new Gauge({
    name: 'pinyon_denylist_rules',
    help: 'Rules of denylists in force.',
    registers,
    collect: () => rules.set(lists.size),
  })
  const broken: Gauge = new Gauge({
    name: 'pinyon_denylist_broken_lines',
    help: 'Lines of denylists that say nothing that can be followed.',
    registers,
    collect: () => broken.set(lists.states.reduce((sum, list) => sum + list.broken, 0)),
  })
  const failing: Gauge = new Gauge({
    name: 'pinyon_denylists_failing',
    help: '1 while a denylist cannot be read, and what was read before is in force.',
    registers,
    collect: () => failing.set(lists.isFailing ? 1 : 0),
  })
}
