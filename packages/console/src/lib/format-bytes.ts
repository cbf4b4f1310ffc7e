const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** Bytes in the largest unit that leaves a number a person can read, as the command line says them. */
export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  // What would be shown as 1024.0 is 1.0 of the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** A number with the separators of the reader's language. */
export function formatNumber(value: number): string {
  return value.toLocaleString()
}
