/** What a header of a tar archive says of one entry. */
export interface TarHeader {
  /** With a slash at its end for directories. */
  readonly path: string
  readonly kind: 'file' | 'directory' | 'symlink'
  readonly sizeBytes: number
  /** Where a symlink points to. */
  readonly target?: string
}

export const tarBlockBytes = 512
const typeFlags = { file: '0', directory: '5', symlink: '2' } as const
const modes = { file: 0o644, directory: 0o755, symlink: 0o777 } as const
/** The largest size that eleven octal digits say. */
const maxOctalSize = 8 ** 11 - 1

/**
 * The blocks that come before the content of an entry: a ustar header, and before it a pax header for what does not fit
 * (POSIX.1-2017, pax interchange format). Times are zero, so that the same content makes the same archive.
 */
export function tarHeader({ path, kind, sizeBytes, target = '' }: TarHeader): Buffer {
  const records: string[] = []
  if (!fits(path)) records.push(paxRecord('path', path))
  if (!fits(target)) records.push(paxRecord('linkpath', target))
  if (sizeBytes > maxOctalSize) records.push(paxRecord('size', String(sizeBytes)))
  const header = ustar({
    path,
    target,
    sizeBytes: Math.min(sizeBytes, maxOctalSize),
    mode: modes[kind],
    type: typeFlags[kind],
  })
  if (records.length === 0) return header
  const extended = Buffer.from(records.join(''))
  return Buffer.concat([
    ustar({ path: 'PaxHeader', target: '', sizeBytes: extended.length, mode: 0o644, type: 'x' }),
    extended,
    tarPadding(extended.length),
    header,
  ])
}

/** The zeros that fill up the last block of a content. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((tarBlockBytes - (sizeBytes % tarBlockBytes)) % tarBlockBytes)
}

function fits(text: string): boolean {
  return text.length <= 100 && /^[\u0020-\u007e]*$/.test(text)
}

/** `length key=value\n`, where the length counts its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`)
  let length = rest + String(rest).length
  if (String(length).length > String(rest).length) length = rest + String(length).length
  return `${length} ${key}=${value}\n`
}

function ustar({
  path,
  target,
  sizeBytes,
  mode,
  type,
}: {
  path: string
  target: string
  sizeBytes: number
  mode: number
  type: string
}): Buffer {
  const header = Buffer.alloc(tarBlockBytes)
  header.write(asciiOf(path), 0, 100, 'latin1')
  header.write(octal(mode, 7), 100, 'latin1')
  header.write(octal(0, 7), 108, 'latin1')
  header.write(octal(0, 7), 116, 'latin1')
  header.write(octal(sizeBytes, 11), 124, 'latin1')
  header.write(octal(0, 11), 136, 'latin1')
  header.write('        ', 148, 'latin1') // the checksum counts as spaces
  header.write(type, 156, 'latin1')
  header.write(asciiOf(target), 157, 100, 'latin1')
  header.write('ustar\u000000', 257, 'latin1')
  let sum = 0
  for (const byte of header) sum += byte
  header.write(`${octal(sum, 6)}\u0000 `, 148, 'latin1')
  return header
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0')
}

/** For readers that know no pax headers. */
function asciiOf(text: string): string {
  return text.replace(/[^\u0020-\u007e]/g, '_').slice(0, 100)
}
