import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { imageBounds, type ImageOptions } from './image-options.ts'
import { planImage, type Original } from './plan-image.ts'

const asIs: ImageOptions = {
  width: null,
  height: null,
  fit: 'scale-down',
  gravity: 'centre',
  quality: 85,
  format: null,
  animated: true,
  sharpen: 0,
  metadata: 'none',
}
const side = fc.integer({ min: 1, max: 20_000 })
const wishedSide = fc.option(fc.integer({ min: 1, max: imageBounds.side }), { nil: null })
const originals: fc.Arbitrary<Original> = fc.record({
  format: fc.constantFrom('jpeg', 'png', 'webp', 'gif'),
  width: side,
  height: side,
  frames: fc.integer({ min: 1, max: 1_000 }),
})
const wishes: fc.Arbitrary<ImageOptions> = fc.record({
  width: wishedSide,
  height: wishedSide,
  fit: fc.constantFrom('scale-down', 'contain', 'cover', 'crop', 'pad'),
  gravity: fc.constant('centre'),
  quality: fc.constant(85),
  format: fc.constantFrom(null, 'jpeg', 'png', 'webp', 'gif', 'avif'),
  animated: fc.boolean(),
  sharpen: fc.constant(0),
  metadata: fc.constant('none'),
})

describe('the plan of an image', () => {
  it('stays within every bound, whatever the original and the wish', () => {
    fc.assert(
      fc.property(originals, wishes, (original, wish) => {
        const { format, frames, scale, box } = planImage(original, wish)
        const { width, height } = box ?? scale ?? original
        // A pixel more each way is what rounding may add.
        expect(Math.max(width, height)).toBeLessThanOrEqual(imageBounds.side + 1)
        expect((width - 1) * (height - 1) * frames).toBeLessThanOrEqual(imageBounds.pixels)
        expect(Math.min(width, height)).toBeGreaterThanOrEqual(1)
        expect(frames).toBeLessThanOrEqual(imageBounds.frames)
        if (frames > 1) {
          expect(frames).toBe(original.frames)
          expect(frames * original.width * original.height).toBeLessThanOrEqual(imageBounds.inputPixels)
          expect(['gif', 'webp']).toContain(format)
        }
        if (format === 'avif') expect(width * height).toBeLessThanOrEqual(imageBounds.avifPixels)
        if (box?.kind === 'cut') {
          expect(scale?.width ?? original.width).toBeGreaterThanOrEqual(width)
          expect(scale?.height ?? original.height).toBeGreaterThanOrEqual(height)
        }
        if (wish.fit === 'scale-down' || wish.fit === 'crop')
          expect([width <= original.width, height <= original.height]).toEqual([true, true])
      }),
      { numRuns: 2_000 },
    )
  })

  it('leaves alone what need not change', () => {
    const original = { format: 'jpeg', width: 300, height: 200, frames: 1 } as const
    expect(planImage(original, asIs)).toEqual({ format: 'jpeg', frames: 1, scale: undefined, box: undefined })
    expect(planImage(original, { ...asIs, width: 300, height: 900 }).scale).toBeUndefined()
  })
})
