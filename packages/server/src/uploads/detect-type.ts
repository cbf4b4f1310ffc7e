import { fileTypeFromBuffer } from 'file-type'
import mime from 'mime'

/** How much of a file its type is detected from. */
export const sampleBytes = 4096

const unknownType = 'application/octet-stream'

/**
 * The MIME type of a file: by the ending of its name, else by its first bytes, else JSON or text where it reads as
 * that. What the client says is believed only where the bytes say nothing against it: many send octet-stream always.
 */
export async function detectType(
  name: string,
  { sample, isWhole }: { sample: Uint8Array; isWhole: boolean },
  hint: string | undefined,
): Promise<string> {
  const byName = mime.getType(name)
  if (byName !== null) return byName
  const byMagic = await fileTypeFromBuffer(sample)
  if (byMagic !== undefined) return byMagic.mime
  const said = hint !== undefined && isType(hint) && hint !== unknownType ? hint : undefined
  const text = readText(sample, isWhole)
  if (text === undefined || text === '') return said ?? unknownType
  if (looksLikeJson(text, isWhole)) return 'application/json'
  return said ?? 'text/plain'
}

/** The sample as text; undefined when it is not UTF-8 or holds control characters that no text has. */
function readText(sample: Uint8Array, isWhole: boolean): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(sample, { stream: !isWhole })
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text // oxlint-disable-line no-control-regex
  } catch {
    return undefined // bytes that are no UTF-8 are the answer, not a fault
  }
}

function looksLikeJson(text: string, isWhole: boolean): boolean {
  if (!/^\s*(\{\s*["}]|\[\s*[\]{["\d.tfn-])/.test(text)) return false
  if (!isWhole) return true
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isType(text: string): boolean {
  return /^[\w!#$&^.+-]{1,80}\/[\w!#$&^.+-]{1,80}$/.test(text)
}
