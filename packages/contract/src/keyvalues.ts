/** Bound on key-values a file may carry; ten times what the hosted service allows. */
export const maxKeyvalues = 100
