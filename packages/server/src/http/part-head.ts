import { AppError } from '../lib/errors.ts'
import { decodeMultipartName } from '../ipfs/upload-path.ts'

/** What the headers of one part of a form say. */
export interface PartHead {
  readonly name: string
  /** As the client calls the file, with its folders; undefined where the part has none. */
  readonly filename: string | undefined
  /** The type the client believes it to be, in lower case and without parameters. */
  readonly contentType: string | undefined
}

/**
 * Reads the header lines of a part (RFC 7578 section 4.2). Names are the literal UTF-8 of the header; `%22`, `%0D` and
 * `%0A` are what browsers escape. Throws the 400 of a form that cannot be read.
 */
export function readPartHead(bytes: Buffer): PartHead {
  let disposition: string | undefined
  let contentType: string | undefined
  for (const line of unfold(bytes.toString('utf8')).split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon <= 0) throw malformedForm('a header line of a part has no name')
    const value = line.slice(colon + 1).trim()
    switch (line.slice(0, colon).toLowerCase()) {
      case 'content-disposition':
        if (disposition !== undefined) throw malformedForm('a part has two Content-Disposition headers')
        disposition = value
        break
      case 'content-type':
        contentType = value.split(';', 1)[0]?.trim().toLowerCase()
        break
    }
  }
  if (disposition === undefined) throw malformedForm('a part has no Content-Disposition header')
  const { type, params } = readDisposition(disposition)
  const name = params.get('name')
  if (type !== 'form-data' || name === undefined) throw malformedForm('a part is not named form-data')
  const plain = params.get('filename')
  // The extended form has escapes of its own; what they stand for is the name.
  const filename = readExtended(params.get('filename*')) ?? (plain && decodeMultipartName(plain))
  return { name: decodeMultipartName(name), filename, contentType }
}

/** A form that cannot be read, in the words that Pinata uses on its old routes (reference: error texts). */
export function malformedForm(why: string, cause?: unknown): AppError {
  return new AppError('invalid_request', 'Invalid request format.', {
    cause: cause ?? new Error(why),
    facts: { legacyText: true, why },
  })
}

/** Lines that begin with space continue the one before (obsolete, but sent by some mail libraries). */
function unfold(text: string): string {
  return text.includes('\r\n ') || text.includes('\r\n\t') ? text.replace(/\r\n[ \t]+/g, ' ') : text
}

function readDisposition(value: string): { type: string; params: Map<string, string> } {
  const params = new Map<string, string>()
  const first = value.indexOf(';')
  const type = (first === -1 ? value : value.slice(0, first)).trim().toLowerCase()
  let at = first === -1 ? value.length : first + 1
  while (at < value.length) {
    const equals = value.indexOf('=', at)
    if (equals === -1) {
      if (value.slice(at).trim() === '') break
      throw malformedForm('a parameter of Content-Disposition has no value')
    }
    const key = value.slice(at, equals).trim().toLowerCase()
    const { text, next } = readValue(value, equals + 1)
    if (params.has(key)) throw malformedForm(`Content-Disposition has the parameter ${key.slice(0, 40)} twice`)
    params.set(key, text)
    at = next
  }
  return { type, params }
}

/** A token, or a quoted text in which only `\"` and `\\` are escapes: other backslashes belong to Windows paths. */
function readValue(value: string, from: number): { text: string; next: number } {
  let at = from
  while (value[at] === ' ' || value[at] === '\t') at++
  if (value[at] !== '"') {
    const end = value.indexOf(';', at)
    return end === -1
      ? { text: value.slice(at).trim(), next: value.length }
      : { text: value.slice(at, end).trim(), next: end + 1 }
  }
  let text = ''
  for (let i = at + 1; i < value.length; i++) {
    const char = value[i]
    if (char === '"') {
      const end = value.indexOf(';', i)
      const rest = value.slice(i + 1, end === -1 ? undefined : end)
      if (rest.trim() !== '') throw malformedForm('a quoted value of Content-Disposition goes on after its quote')
      return { text, next: end === -1 ? value.length : end + 1 }
    }
    const escaped = char === '\\' ? value[i + 1] : undefined
    if (escaped === '"' || escaped === '\\') {
      text += escaped
      i++
    } else text += char
  }
  throw malformedForm('a quoted value of Content-Disposition has no end')
}

/** `UTF-8''na%C3%AFve.txt` (RFC 8187). What cannot be read is passed over, as the RFC wants. */
function readExtended(value: string | undefined): string | undefined {
  const match = /^utf-8'[^']*'(.*)$/i.exec(value ?? '')
  if (match?.[1] === undefined) return undefined
  try {
    return decodeURIComponent(match[1])
  } catch {
    return undefined
  }
}
