import { fileTypeFromBuffer } from 'file-type'
import mime from 'mime'

/** How many bytes of a file are looked at to find out what it is. */
export const sniffBytes = 4_100

/** The type that a file name says, with the charset where it is text; undefined when its ending says nothing. */
export function typeOfName(name: string): string | undefined {
  if (!/\.[^./]+$/.test(name)) return undefined
  const type = mime.getType(name)
  return type === null ? undefined : withCharset(type)
}

/** The type that the first bytes of a file say: JSON, known formats by their magic, text, else any bytes. */
export async function typeOfBytes(head: Uint8Array, options: { whole: boolean }): Promise<string> {
  const known = await fileTypeFromBuffer(head)
  // XML says nothing of what it is made for; an SVG must come as an image.
  if (known !== undefined && known.mime !== 'application/xml') return withCharset(known.mime)
  const text = readText(head, options.whole)
  if (text === undefined) return known?.mime ?? 'application/octet-stream'
  const start = text.trimStart().slice(0, 1_000)
  if (/^(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i.test(start)) return 'image/svg+xml'
  if (/^(<!--[\s\S]*?-->\s*)*<(!doctype html|html|head|body)[\s>]/i.test(start)) return 'text/html; charset=utf-8'
  if (known !== undefined) return known.mime
  return looksLikeJson(text, options.whole) ? 'application/json' : 'text/plain; charset=utf-8'
}

/** Types that can run something when a browser shows them on their own. */
export function mayRun(type: string): boolean {
  const bare = type.split(';', 1)[0] ?? ''
  return bare === 'image/svg+xml' || !/^(image|audio|video|font)\//.test(bare)
}

/** The type without parameters: what is stored and listed. */
export function bareType(type: string): string {
  return type.split(';', 1)[0] ?? type
}

function withCharset(type: string): string {
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type
}

/** The text, when the bytes are UTF-8 without the controls that no text has. A cut-off last character is forgiven. */
function readText(head: Uint8Array, whole: boolean): string | undefined {
  for (const byte of head)
    if (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d && byte !== 0x0c && byte !== 0x1b)
      return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(head, { stream: !whole })
  } catch {
    return undefined // not UTF-8: then it is not what we call text
  }
}

function looksLikeJson(text: string, whole: boolean): boolean {
  const start = text.trimStart().charAt(0)
  if (start !== '{' && start !== '[') return false
  if (!whole) return /^\s*(\{\s*"|\{\s*\}|\[\s*(["{[\d\-\]]|true|false|null))/.test(text)
  try {
    JSON.parse(text)
    return true
  } catch {
    return false // it only begins like JSON
  }
}
