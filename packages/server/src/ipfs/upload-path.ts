import { AppError } from '../lib/errors.ts'

/** The longest name that common file systems can hold, in bytes; longer ones could not be fetched into files. */
const maxNameBytes = 255

const maxDepth = 64

/**
 * The segments of the path that a part's file name states. Leading slashes and a leading `./` are dropped, because scripts
 * send absolute and relative paths; backslashes and `%` are ordinary characters. Everything that could mean another
 * place, or nothing, is refused. Throws `invalid_path`.
 */
export function readUploadPath(filename: string): string[] {
  const path = filename.replace(/^(?:\.?\/+)+/, '')
  if (path === '') throw refused(filename, 'it names no file')
  // Bounds the work below; no path within the other bounds is longer.
  if (path.length > maxDepth * (maxNameBytes + 1)) throw new AppError('invalid_path', 'The file path is too long')
  const segments = path.split('/')
  if (segments.length > maxDepth) throw refused(filename, `it is deeper than ${maxDepth} folders`)
  for (const segment of segments) requireName(segment, filename)
  return segments
}

/**
 * What a file name of a multipart header stands for: only `%22`, `%0D` and `%0A` are escapes, as browsers write them
 * (https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data). A file may really be
 * called `%41.txt`.
 */
export function decodeMultipartName(raw: string): string {
  return raw.replace(/%22|%0d|%0a/gi, (escape) => String.fromCharCode(Number.parseInt(escape.slice(1), 16)))
}

function requireName(name: string, filename: string): void {
  if (name === '') throw refused(filename, 'it has an empty segment (two slashes, or one at its end)')
  if (name === '.' || name === '..') throw refused(filename, `"${name}" may not stand in it`)
  if (Buffer.byteLength(name) > maxNameBytes)
    throw refused(filename, `a name in it is longer than ${maxNameBytes} bytes`)
  if (/\p{Cc}/u.test(name)) throw refused(filename, 'it holds a control character')
  // A replacement character is what a decoder put in the place of bytes that were not UTF-8.
  if (!name.isWellFormed() || name.includes('\ufffd')) throw refused(filename, 'it is not valid UTF-8')
}

function refused(filename: string, why: string): AppError {
  const shown = filename.length > 200 ? `${filename.slice(0, 200)}…` : filename
  return new AppError('invalid_path', `The file path ${JSON.stringify(shown)} is refused: ${why}`)
}
