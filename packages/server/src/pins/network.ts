import type { NetworkName } from '@pinyon/contract/schemas/common.ts'

/** Networks as the tables have them. */
export const networkNumbers: Readonly<Record<NetworkName, number>> = { private: 0, public: 1 }

/** In `pin_blocks`: the network of a staging that does not know it yet. */
export const noNetworkYet = 2
