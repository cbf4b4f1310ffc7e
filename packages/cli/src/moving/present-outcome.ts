import type { Outcome } from './import-item.ts'

/** An outcome for programs: the ids there and here side by side. */
export function presentOutcome({ item, state, id, error }: Outcome): Record<string, unknown> {
  const { source, sourceId, cid, name, network } = item
  return { state, cid, name, network, source, sourceId, id, error }
}
