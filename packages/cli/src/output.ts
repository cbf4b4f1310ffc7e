import { pad, widthOf } from './text-width.ts'

/** Where a command writes: words for people or JSON for programs on stdout, progress and remarks on stderr. */
export class Output {
  readonly json: boolean
  constructor({ json }: { json: boolean }) {
    this.json = json
  }

  /** The result: `value` with --json, else `text`. */
  result(value: unknown, text: string | (() => string)): void {
    const shown = this.json ? JSON.stringify(value, null, 2) : typeof text === 'string' ? text : text()
    process.stdout.write(`${shown}\n`)
  }

  /** A remark for a person; silent with --json. */
  note(text: string): void {
    if (!this.json) process.stderr.write(`${text}\n`)
  }

  /** Whether progress can be drawn: a person is watching. */
  get watched(): boolean {
    return !this.json && process.stderr.isTTY === true
  }

  /** Columns that the longest texts are cut to; without bound when programs read, which want all of them. */
  get nameColumns(): number {
    return process.stdout.isTTY === true ? 40 : Infinity
  }
}

/** Rows under headings, columns as wide as they need. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, at) =>
    rows.reduce((widest, row) => Math.max(widest, widthOf(row[at] ?? '')), heading.length),
  )
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === cells.length - 1 ? cell : pad(cell, widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(headings), ...rows.map(line)].join('\n')
}

/** Names and values below each other, the values in one column. */
export function fields(pairs: readonly (readonly [name: string, value: string])[]): string {
  const width = pairs.reduce((widest, [name]) => Math.max(widest, name.length), 0)
  return pairs.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd()).join('\n')
}

/** Bytes in the largest unit that leaves a number a person can read. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  // What would be shown as 1024.0 is 1.0 of the next unit.
  while (value >= (unit === 0 ? 1024 : 1023.95) && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** A number of things, in words. */
export function countText(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/**
 * Names come from anybody: what could steer a terminal (control characters) or show a name in another order
 * (bidirectional controls) is replaced.
 */
export function safeText(text: string): string {
  return text.replace(steering, '\u{fffd}')
}

/** As `safeText`, for texts of several lines. */
export function safeLines(text: string): string {
  return text.split('\n').map(safeText).join('\n')
}

const steering = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** A time in the reader's own zone, to the minute. */
export function timeText(iso: string | null | undefined): string {
  if (iso === null || iso === undefined) return '-'
  const date = new Date(iso)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}
