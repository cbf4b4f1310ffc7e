import type { NetworkName } from '@pinyon/contract/schemas/common.ts'

const key = 'pinyon.uploadNetwork'

/** Who may read what is uploaded, as it was chosen last in this browser. Private until somebody says otherwise. */
export function readChosenNetwork(): NetworkName {
  return localStorage.getItem(key) === 'public' ? 'public' : 'private'
}

/** Remembers it. */
export function keepChosenNetwork(network: NetworkName): void {
  localStorage.setItem(key, network)
}
