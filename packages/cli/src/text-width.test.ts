import { expect, it } from 'vitest'
import { liveLine, widthOf } from './text-width.ts'

const cid = 'bafybeia3abeqaaoflvwdqqbtvc3lzrb4x7ferqdjmpk5zhisjjavttobqi'

it('shows how far a pin is beside a CID or a long name, on narrow terminals too', () => {
  for (const title of [cid, '非常に長い名前'.repeat(9)]) {
    const line = liveLine(title, 'pinning  1190 blocks, 297.5 MiB  Is being fetched.', 60)
    expect(line).toContain('pinning  1190 blocks, 297.5 MiB')
    expect(widthOf(line)).toBeLessThan(60)
  }
})

it('shows it on a terminal that does not say how wide it is', () => {
  for (const columns of [0, undefined]) expect(liveLine('a', 'queued', columns)).toBe('a  queued')
})
