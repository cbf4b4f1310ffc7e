/** How a fetch deals with sources that do not answer. */
export interface SessionTimes {
  /** A source that sent nothing for so long is asked no more for the block. */
  readonly stallMs: number
  /** So long a peer that connects is waited for before it is said that there is nobody to ask. */
  readonly patienceMs: number
  /** So long peers are waited for before gateways are asked too. */
  readonly gatewaysAfterMs: number
}

/** What a fetch uses unless told. */
export const usualTimes: SessionTimes = { stallMs: 10_000, patienceMs: 10_000, gatewaysAfterMs: 2_000 }
