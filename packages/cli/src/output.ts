/** Where a command writes: words for people or JSON for programs on stdout, progress and remarks on stderr. */
export class Output {
  readonly json: boolean
  constructor({ json }: { json: boolean }) {
    this.json = json
  }

  /** The result: `value` with --json, else `text`. */
  result(value: unknown, text: string | (() => string)): void {
    const shown = this.json ? JSON.stringify(value, null, 2) : typeof text === 'string' ? text : text()
    if (shown !== '') process.stdout.write(`${shown}\n`)
  }

  /** A remark for a person; silent with --json. */
  note(text: string): void {
    if (!this.json) process.stderr.write(`${text}\n`)
  }

  /** Whether progress can be drawn: a person is watching. */
  get watched(): boolean {
    return !this.json && process.stderr.isTTY === true
  }
}

/** Rows under headings, columns as wide as they need. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, at) => Math.max(heading.length, ...rows.map((row) => (row[at] ?? '').length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  return [line(headings), ...rows.map(line)].join('\n')
}

/** Bytes in the largest unit that leaves a number a person can read. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** Names come from anybody: control characters must not reach a terminal. */
export function safeText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\u{fffd}')
}

/** A time in the reader's own zone, to the minute. */
export function timeText(iso: string | null | undefined): string {
  if (iso === null || iso === undefined) return '-'
  const date = new Date(iso)
  const two = (value: number) => String(value).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${two(date.getHours())}:${two(date.getMinutes())}`
}
