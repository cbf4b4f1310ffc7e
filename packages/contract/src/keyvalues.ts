/** The most key-values that any installation lets a file carry; each says how many it allows. */
export const maxKeyvalues = 1_000
