/** Key-values as they were sent: text, numbers, booleans. */
export type Keyvalues = Readonly<Record<string, string | number | boolean>>
