const gib = 1024 ** 3

/** Bytes of a number of GiB as typed; null for nothing, undefined for what is no such number. */
export function readGib(text: string): number | null | undefined {
  const trimmed = text.trim().replace(',', '.')
  if (trimmed === '') return null
  if (!/^\d{1,7}(\.\d{1,9})?$/.test(trimmed)) return undefined
  return Math.round(Number(trimmed) * gib)
}

/** Bytes as a number of GiB to be typed over; empty for null. */
export function writeGib(bytes: number | null): string {
  return bytes === null ? '' : String(Number((bytes / gib).toFixed(6)))
}
