import { safeText } from '../output.ts'

/** No refusal that is meant for people is longer than this. */
const maxBytes = 65_536
const maxCharacters = 200

/** Where services put what they mean for people, the most telling first. */
const fields = ['details', 'message', 'Message', 'error_description', 'detail', 'error', 'errors', 'reason', 'title']

/** The beginning of an answer's body, as text; what broke off counts as its end. */
export async function beginningOf(body: AsyncIterable<Uint8Array> | null): Promise<string> {
  const pieces: Uint8Array[] = []
  let size = 0
  try {
    for await (const piece of body ?? []) {
      pieces.push(piece)
      size += piece.length
      if (size >= maxBytes) break
    }
  } catch {
    // What came before may tell enough.
  }
  return Buffer.concat(pieces).toString()
}

/**
 * What a service says of its refusal, on one line: the message in its JSON, or its text. Empty for a page, and for JSON
 * that holds no message. Neither `secrets` nor anything that looks like a JWT is in it.
 */
export function wordsOfAnswer(text: string, secrets: readonly string[]): string {
  const trimmed = text.trim()
  const said = /^[{["]/.test(trimmed) ? messageIn(parse(trimmed)) : trimmed.startsWith('<') ? undefined : trimmed
  const plain = hide(said ?? '', secrets)
    .replace(/\s+/g, ' ')
    .trim()
  return safeText(plain.length > maxCharacters ? `${plain.slice(0, maxCharacters)}…` : plain)
}

function messageIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value
  if (typeof value !== 'object' || value === null) return undefined
  const parts = Array.isArray(value) ? value.slice(0, 1) : fields.map((field) => Reflect.get(value, field) as unknown)
  for (const part of parts) {
    const found = messageIn(part)
    if (found !== undefined) return found
  }
  return undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // cut off, or no JSON: nothing that is meant for people
  }
}

function hide(text: string, secrets: readonly string[]): string {
  const given = secrets.filter((secret) => secret.length > 3)
  return given
    .reduce((rest, secret) => rest.replaceAll(secret, '[secret]'), text)
    .replace(/\b[\w-]{10,}\.[\w-]{10,}\.[\w-]+/g, '[secret]')
}
