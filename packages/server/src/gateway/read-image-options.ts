import { imageBounds, type ImageFormat, type ImageOptions } from '../images/image-options.ts'

/** What a query wishes of an image. */
export interface ImageRequest {
  readonly options: ImageOptions
  /** True when the answer depends on what the client says it takes. */
  readonly byAccept: boolean
  /** What cannot be changed is to be had as it is. */
  readonly orOriginal: boolean
}

const fits = new Map<string, ImageOptions['fit']>([
  ['scale-down', 'scale-down'],
  ['scaledown', 'scale-down'], // as Pinata's SDK writes it
  ['contain', 'contain'],
  ['cover', 'cover'],
  ['crop', 'crop'],
  ['pad', 'pad'],
])
const sides = new Map<string, ImageOptions['gravity']>([
  ['auto', 'attention'],
  ['left', 'left'],
  ['right', 'right'],
  ['top', 'top'],
  ['bottom', 'bottom'],
])
const formats = new Set<ImageFormat>(['jpeg', 'png', 'webp', 'gif', 'avif'])

/**
 * Reads the `img-` options of a query into one spelling; undefined when none of them changes anything. What is not
 * understood is left out, as Pinata does, and what goes too far is brought within bounds.
 */
export function readImageOptions(
  parameters: Readonly<Record<string, string>>,
  accept: string | undefined,
): ImageRequest | undefined {
  const read = (name: string) => parameters[`img-${name}`]?.trim().toLowerCase() ?? ''
  const ratio = within(number(read('dpr')), 0.1, 4) ?? 1
  const side = (name: string) => {
    const asked = within(number(read(name)), 1, 1e6)
    return asked === undefined ? null : Math.max(1, Math.min(imageBounds.side, Math.round(asked * ratio)))
  }
  const width = side('width')
  const height = side('height')
  const hasBoth = width !== null && height !== null
  const fit = fits.get(read('fit')) ?? 'scale-down'
  const mayGrow = fit === 'contain' || fit === 'cover' || fit === 'pad'
  const cuts = hasBoth && (fit === 'cover' || fit === 'crop')
  const quality = within(number(read('quality')), 1, 100)
  const format = readFormat(read('format'), accept)
  const sharpen = within(number(read('sharpen')), 0, 10)
  const metadata = (['keep', 'copyright', 'none'] as const).find((each) => each === read('metadata'))
  const isStill = read('anim') === 'false'
  const changes = [width, height, quality, format, sharpen, metadata].some(
    (each) => each !== null && each !== undefined,
  )
  if (!changes && !isStill) return undefined
  return {
    options: {
      width,
      height,
      // What a box is for without both of its sides is whether the image may grow.
      fit: hasBoth ? fit : mayGrow && (width ?? height) !== null ? 'contain' : 'scale-down',
      gravity: cuts ? readGravity(read('gravity')) : 'centre',
      quality: quality === undefined ? 85 : Math.round(quality),
      format: format === 'auto' || format === undefined ? null : format,
      animated: !isStill,
      sharpen: sharpen === undefined ? 0 : Math.round(sharpen * 10) / 10,
      metadata: metadata ?? 'none',
    },
    byAccept: read('format') === 'auto',
    orOriginal: read('onerror') === 'redirect',
  }
}

/** `auto`: WebP for who says to take it, else as the original is. */
function readFormat(text: string, accept = ''): ImageFormat | 'auto' | undefined {
  if (text === 'auto')
    return /\bimage\/webp\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accept.slice(0, 2_000)) ? 'webp' : 'auto'
  return [...formats].find((format) => format === (text === 'jpg' ? 'jpeg' : text))
}

function readGravity(text: string): ImageOptions['gravity'] {
  const [, x, y] = /^(\d?\.?\d{1,6})x(\d?\.?\d{1,6})$/.exec(text) ?? []
  if (Number(x) <= 1 && Number(y) <= 1) return [hundredths(x), hundredths(y)]
  return sides.get(text) ?? 'centre'
}

function hundredths(text: string | undefined): number {
  return Math.round(Number(text) * 100) / 100
}

function number(text: string): number | undefined {
  return /^\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined
}

/** As near as it may be; undefined when there is none, or nothing of it. */
function within(value: number | undefined, from: number, to: number): number | undefined {
  if (value === undefined || (value === 0 && from > 0)) return undefined
  return Math.min(to, Math.max(from, value))
}
