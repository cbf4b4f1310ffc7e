import fc from 'fast-check'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { readRights } from './read-rights.ts'

async function exifOf(fields: Record<string, string>): Promise<Buffer> {
  const bytes = await sharp({ create: { width: 2, height: 2, channels: 3, background: '#fff' } })
    .withExif({ IFD0: fields })
    .jpeg()
    .toBuffer()
  return (await sharp(bytes).metadata()).exif!
}

describe('whose an image is', () => {
  it('is read out of its EXIF data, and nothing else of it', async () => {
    const exif = await exifOf({ Copyright: 'A. Painter', Artist: 'AP', Model: 'Box', Software: 'Brush' })
    expect(readRights(exif)).toEqual({ Copyright: 'A. Painter', Artist: 'AP' })
    expect(readRights(await exifOf({ Model: 'Box' }))).toEqual({})
  })

  it('is nothing where that data is damaged, and never an error', async () => {
    expect(readRights(undefined)).toEqual({})
    const exif = await exifOf({ Copyright: 'A. Painter and many more words', Artist: 'AP' })
    fc.assert(
      fc.property(fc.nat(exif.length - 1), fc.nat(255), fc.nat(exif.length), (at, value, length) => {
        const damaged = Buffer.from(exif.subarray(0, length))
        if (at < length) damaged[at] = value
        for (const text of Object.values(readRights(damaged))) expect(text.length).toBeLessThanOrEqual(1_000)
      }),
      { numRuns: 2_000 },
    )
  })
})
