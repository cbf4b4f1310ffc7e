import type { PinPolicy } from '@pinyon/contract/schemas/pin-policy.ts'

/** A region and how many copies are wanted there. */
export type Region = PinPolicy['regions'][number]

/** What stands where nobody named a region: this installation, which holds everything once. */
const local: readonly Region[] = [{ id: 'LOCAL', desiredReplicationCount: 1 }]

/** A policy as the tables keep it; undefined for one without regions, which says nothing. */
export function writePinPolicy({ regions }: PinPolicy): string | undefined {
  return regions.length === 0 ? undefined : JSON.stringify(regions)
}

/** The regions of a kept policy. */
export function readPinPolicy(kept: string | null): readonly Region[] {
  return kept === null ? local : (JSON.parse(kept) as Region[]) // written by `writePinPolicy`
}
