import fc from 'fast-check'
import { expect, it } from 'vitest'
import { decodePbNode, encodePbNode, type PbLink } from './dag-pb.ts'
import { LinkScan } from './scan-links.ts'
import { absentCid } from './sample-dags.ts'

const link = fc.record({
  cid: fc.constantFrom(absentCid(), absentCid(0x70), { ...absentCid(0x70), version: 0 as const }, absentCid(0x0129)),
  name: fc.string({ unit: 'grapheme', maxLength: 200 }),
  tsize: fc.oneof(fc.nat(300), fc.maxSafeNat()),
})

it('finds the links and the data that decoding finds', () => {
  const data = fc.option(fc.uint8Array({ maxLength: 200 }), { nil: undefined })
  fc.assert(
    fc.property(fc.array(link), data, (links, bytes) => {
      const encoded = encodePbNode({ links, data: bytes })
      const scan = new LinkScan(encoded)
      const found: PbLink[] = []
      while (scan.next()) {
        const name = scan.name()
        expect(scan.isNamed(Buffer.from(name))).toBe(true)
        expect(scan.isNamed(Buffer.from(`${name}.`))).toBe(false)
        expect(scan.isNamed(Buffer.from(name).subarray(1), 1)).toBe(name !== '')
        found.push({ cid: scan.cid(), name, tsize: scan.tsize() })
      }
      const decoded = decodePbNode(encoded)
      expect(found).toEqual(decoded.links)
      expect(scan.data).toEqual(decoded.data)
      expect(new LinkScan(encoded).count()).toBe(links.length)
    }),
  )
})

it('stops at whatever is not dag-pb, without ever reading past the end', () => {
  const valid = fc.array(link, { maxLength: 3 }).map((links) => encodePbNode({ links, data: Buffer.from('data') }))
  const damage = fc.tuple(valid, fc.nat(), fc.nat(255), fc.nat()).map(([bytes, at, byte, length]) => {
    const damaged = bytes.slice(0, bytes.length - (length % 3))
    damaged[at % damaged.length] = byte
    return damaged
  })
  fc.assert(
    fc.property(fc.oneof(damage, fc.uint8Array({ maxLength: 50 })), (bytes) => {
      const scan = new LinkScan(bytes)
      try {
        while (scan.next()) {
          expect(scan.endsAt).toBeLessThanOrEqual(bytes.length)
          scan.name()
          scan.tsize()
          scan.cid()
        }
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^invalid_(block|cid)$/) })
        return
      }
      // What the scan takes, decoding takes too, but for fields that are doubled or out of order.
      expect(new LinkScan(bytes).count()).toBeGreaterThanOrEqual(0)
    }),
    { numRuns: 2000 },
  )
})
