import { boundary, formBytes } from '../upload.ts'
import type { Change } from './change-head.ts'
import type { Chance } from './chance.ts'
import { damage, oddJson, oddText } from './odd.ts'
import type { RequestShape } from './request-shape.ts'

function typeOf({ headers }: RequestShape): string {
  return headers.findLast(([name]) => name === 'Content-Type')?.[1] ?? ''
}

/** A field of the JSON, or something inside it; or the JSON as a whole. */
export const changeJson: Change = (chance, request) => {
  // What a change before this one made deep or long is odd enough.
  if (!typeOf(request).includes('json') || request.body.length > 10_000) return undefined
  if (chance.isOnce(0.15)) {
    request.body = Buffer.from(oddJson(chance))
    return 'other json'
  }
  let sample: unknown
  try {
    sample = JSON.parse(request.body.toString())
  } catch {
    return undefined
  }
  if (typeof sample !== 'object' || sample === null) return undefined
  const marks: string[] = []
  const mark = () => `\u0001${marks.push(oddJson(chance)) - 1}\u0001`
  put(chance, sample as Record<string, unknown>, mark)
  const text = JSON.stringify(sample).replaceAll(/"\\u0001(\d+)\\u0001"/g, (_, at) => marks[Number(at)] ?? 'null')
  request.body = Buffer.from(text.slice(0, 1_000_000))
  return 'field'
}

function put(chance: Chance, into: Record<string, unknown>, mark: () => string): void {
  const names = Object.keys(into)
  const name = names.length === 0 || chance.isOnce(0.1) ? oddText(chance) : chance.of(names)
  const inner = into[name]
  if (chance.isOnce(0.1)) delete into[name]
  else if (typeof inner === 'object' && inner !== null && chance.isOnce(0.6))
    put(chance, inner as Record<string, unknown>, mark)
  // By its name alone it would be the object's maker.
  else Object.defineProperty(into, name, { value: mark(), enumerable: true, configurable: true, writable: true })
}

/** Bytes of any body: bits, cuts, repetitions. */
export const changeBytes: Change = (chance, request) => {
  if (request.body.length === 0) return undefined
  request.body = damage(chance, request.body)
  return 'bytes'
}

const dispositions = ['form-data', 'form-data; name', 'form-data; name=""', 'form-data; name="file"; name="network"', 'form-data; name="__proto__"', 'form-data; name="constructor"', 'attachment; name="file"', 'form-data; name="file"; filename="../../x"', 'form-data; name="file"; filename="a\0b"', 'form-data; name="file"; filename="/abs"', 'form-data; name="file"; filename=""', "form-data; name=\"file\"; filename*=utf-8''%", "form-data; name=\"file\"; filename*=utf-16''a", 'form-data; name="file"; filename="a"; filename="b"', 'form-data; name=file; filename=a"b', 'form-data; name="file"; filename="a\\"', '', 'x'.repeat(9_000)] // prettier-ignore
const boundaries = ['', '""', '"a', '-'.repeat(70), 'x'.repeat(300), 'a b', '\u00e9', 'x; boundary=y', '--', '\t'] // prettier-ignore

/** The frame of a form: boundaries, heads of parts, many parts, an end that does not come. */
export const changeForm: Change = (chance, request) => {
  if (!typeOf(request).startsWith('multipart/')) return undefined
  const part = (head: string, content: string) => `--${boundary}\r\n${head}\r\n\r\n${content}\r\n`
  const end = `--${boundary}--\r\n`
  const at = request.headers.findIndex(([name]) => name === 'Content-Type')
  const ways: Record<string, () => void> = {
    boundary: () => (request.headers[at] = ['Content-Type', `multipart/form-data; boundary=${chance.of(boundaries)}`]),
    'other type': () =>
      (request.headers[at] = ['Content-Type', chance.of(['multipart/mixed; boundary=x', 'text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'x'])]), // prettier-ignore
    disposition: () =>
      (request.body = Buffer.from(
        part(`Content-Disposition: ${chance.of(dispositions)}`, oddText(chance)) + request.body.toString('latin1'),
        'latin1',
      )),
    'many parts': () =>
      (request.body = Buffer.from(
        part('Content-Disposition: form-data; name="k"', 'v').repeat(chance.of([5, 999, 1_001, 4_000])) + end,
      )),
    'many heads': () =>
      (request.body = Buffer.from(part('X: y\r\n'.repeat(2_000) + 'Content-Disposition: form-data; name="k"', 'v') + end)),
    'no end': () => (request.body = request.body.subarray(0, Math.max(0, request.body.length - end.length - chance.below(6)))),
    nested: () =>
      (request.body = Buffer.from(
        part('Content-Disposition: form-data; name="file"\r\nContent-Type: multipart/mixed; boundary=in', '--in\r\n\r\nx\r\n--in--') + end,
      )),
    'field value': () =>
      (request.body = formBytes([
        [chance.of(['network', 'name', 'keyvalues', 'group_id', 'pinataMetadata', 'pinataOptions', 'cid', 'car']), chance.isOnce(0.5) ? oddJson(chance).slice(0, 300_000) : oddText(chance)],
        ['file', 'x', oddText(chance).replaceAll('"', '')],
      ])),
    'line ends': () => (request.body = Buffer.from(request.body.toString('latin1').replaceAll('\r\n', chance.of(['\n', '\r', '\r\r\n'])), 'latin1')),
    'no head': () => (request.body = Buffer.from(`--${boundary}\r\n\r\nx\r\n${end}`)),
  } // prettier-ignore
  const way = chance.of(Object.keys(ways))
  ways[way]?.()
  return way
}
