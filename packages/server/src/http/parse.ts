import type { IncomingMessage } from 'node:http'
import type { z } from 'zod'
import { AppError } from '../lib/errors.ts'
import { describeIssue } from './describe-issue.ts'
import { goOn } from './expect.ts'

/** How deep JSON may nest; deeper bodies are refused before anything walks them. */
const maxDepth = 256

/** Reads a whole body, at most `limitBytes`. 413 at one byte more, 415 for compressed bodies, 400 when it is cut off. */
export async function readBody(raw: IncomingMessage, limitBytes: number): Promise<Buffer> {
  const encoding = raw.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    throw new AppError(
      'unsupported_media_type',
      `Compressed bodies are not read (Content-Encoding: ${encoding.slice(0, 40)}). Send the body as it is.`,
    )
  }
  const tooLarge = () =>
    new AppError('too_large', `The body is larger than ${limitBytes} bytes, the most that this route takes.`)
  if (Number(raw.headers['content-length'] ?? 0) > limitBytes) throw tooLarge()
  goOn(raw)
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const onData = (chunk: Buffer) => {
      size += chunk.length
      chunks.push(chunk)
      if (size > limitBytes) end(() => reject(tooLarge()))
    }
    const onEnd = () => end(() => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size))) // it is there
    const onCut = (cause?: unknown) =>
      end(() => reject(new AppError('invalid_request', 'The body ended before it was complete.', { cause })))
    const end = (settle: () => void) => {
      // Whoever answers decides what becomes of the rest.
      if (!raw.readableEnded) raw.pause()
      raw.off('data', onData).off('end', onEnd).off('error', onCut).off('close', onCut)
      settle()
    }
    raw.on('data', onData).on('end', onEnd).on('error', onCut).on('close', onCut)
    if (raw.destroyed) onCut()
  })
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** Parses a JSON body. An empty body is an empty object: several clients send one on routes that need none. */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return {}
  requireShallow(bytes)
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch (error) {
    throw new AppError('invalid_request', 'The body is not UTF-8 text.', { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new AppError('invalid_request', 'The body is not valid JSON.', { cause: error })
  }
}

function requireShallow(bytes: Buffer): void {
  let depth = 0
  let quoted = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (quoted) {
      if (byte === 0x5c) i++
      else if (byte === 0x22) quoted = false
    } else if (byte === 0x22) quoted = true
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) throw new AppError('invalid_request', `The JSON nests deeper than ${maxDepth} levels.`)
    } else if (byte === 0x7d || byte === 0x5d) depth--
  }
}

/**
 * Reads `value` by `schema`; what does not fit is one 400 that names the fields, as does text that no column can hold.
 * `within` names the field that all of it stands in.
 */
export function parseWith<S extends z.ZodType>(
  schema: S,
  value: unknown,
  where: 'path' | 'query' | 'body',
  within?: string,
): z.infer<S> {
  const result = schema.safeParse(value)
  if (!result.success) throw new AppError('invalid_request', describeIssues(result.error, where, within))
  // What is not described is content to be stored as bytes, and may be any text.
  if (schema.type !== 'unknown') requireText(result.data, within === undefined ? [] : [within])
  return result.data
}

/** Fields that are compared with names in folders, which may be any bytes, and stand in no column. */
const anyText = new Set(['path'])

function requireText(value: unknown, path: readonly string[]): void {
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed())) {
    throw new AppError('invalid_request', `${nameOf(path)}: must be well-formed Unicode without NUL characters`)
  }
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return
  for (const [name, inner] of Object.entries(value)) {
    if (path.length === 0 && anyText.has(name)) continue
    requireText(name, [...path, name])
    requireText(inner, [...path, name])
  }
}

/** In words for a person: which field is wrong and how. At most three. */
function describeIssues(error: z.ZodError, where: 'path' | 'query' | 'body', within: string | undefined): string {
  const lines = error.issues.slice(0, 3).map((issue) => {
    const field = nameOf([...(within === undefined ? [] : [within]), ...issue.path.map(String)])
    const message = describeIssue(issue, where).slice(0, 300)
    return field === '' ? `The ${where} is not as expected: ${message}` : `${field}: ${message}`
  })
  return lines.join('; ')
}

/** A field by its path. What cannot be shown in it is shown as a mark. */
function nameOf(path: readonly string[]): string {
  return path.join('.').replaceAll('\0', '\ufffd').slice(0, 200).toWellFormed()
}
