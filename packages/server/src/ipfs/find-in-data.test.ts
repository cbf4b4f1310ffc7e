import { encode as encodeCbor } from '@ipld/dag-cbor'
import { encode as encodeJson } from '@ipld/dag-json'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import { expect, it } from 'vitest'
import { formatCid } from './cid.ts'
import { findInDagCbor, findInDagJson, type FoundInData } from './find-in-data.ts'
import { absentCid, linkTo } from './sample-dags.ts'

const link = linkTo(absentCid())
const key = fc.constantFrom('a', 'b', '0', '1', 'é', '', '__proto__', 'length', 'a'.repeat(30))
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    fc.constantFrom<unknown>(link, null, true, 0, 23, 24, 256, 65_536, 2 ** 40, -1, 1.5, '', 'text'),
    fc.uint8Array({ maxLength: 300 }),
    fc.string({ maxLength: 30 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 6 }).map((entries) => Object.fromEntries(entries)),
  ),
}))

it('finds what decoding finds, in dag-cbor and dag-json', () => {
  fc.assert(
    fc.property(
      value,
      fc.array(fc.oneof(key, fc.constantFrom('2', '29', '01', '-1', '/', 'bytes')), { maxLength: 5 }),
      (data, path) => {
        const expected = follow(data, path)
        expect(withText(findInDagCbor(encodeCbor(data), path))).toEqual(expected)
        expect(withText(findInDagJson(encodeJson(data), path))).toEqual(expected)
      },
    ),
    { numRuns: 3000 },
  )
})

function follow(data: unknown, path: readonly string[]): unknown {
  let at = data
  for (const [index, segment] of path.entries()) {
    if (at instanceof CID) return { outcome: 'link', cid: link.toString(), used: index }
    const isOpen = typeof at === 'object' && at !== null && !(at instanceof Uint8Array)
    const isThere = isOpen && Object.hasOwn(at as object, segment) && !(Array.isArray(at) && segment === 'length')
    if (!isThere) return { outcome: 'missing', index }
    at = Reflect.get(at as object, segment)
  }
  return at instanceof CID ? { outcome: 'link', cid: link.toString(), used: path.length } : { outcome: 'value' }
}

function withText(found: FoundInData): unknown {
  return found.outcome === 'link' ? { ...found, cid: formatCid(found.cid) } : found
}
