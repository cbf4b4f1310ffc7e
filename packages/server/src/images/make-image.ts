import sharp, { type Sharp } from 'sharp'
import { readRights } from './read-rights.ts'
import { imageBounds, imageFormatOf, type ImageFormat, type ImageOptions, type MadeImage } from './image-options.ts'
import { planImage, type Plan } from './plan-image.ts'

/** Why no image was made of an original. */
export class NoImage extends Error {
  override readonly name = 'NoImage'
  readonly reason: 'unreadable' | 'too_large'

  constructor(reason: NoImage['reason'], options: { cause?: unknown } = {}) {
    super(reason, options)
    this.reason = reason
  }
}

/** Leaves of libvips only what reads the four formats out of memory, and nothing that keeps or shares what it read. */
export function restrictSharp(): void {
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadWebpBuffer',
      'VipsForeignLoadNsgifBuffer',
    ],
  })
  sharp.cache(false)
  sharp.concurrency(1)
}

/** Makes an image as wished, as far as the bounds allow. The same bytes and wishes give the same bytes. Throws `NoImage`. */
export async function makeImage(input: Uint8Array, options: ImageOptions): Promise<MadeImage> {
  const format = imageFormatOf(input)
  if (format === undefined) throw new NoImage('unreadable')
  try {
    return await make(input, format, options)
  } catch (error) {
    if (error instanceof NoImage) throw error
    const isTooLarge = error instanceof Error && /pixel limit/i.test(error.message)
    throw new NoImage(isTooLarge ? 'too_large' : 'unreadable', { cause: error })
  }
}

async function make(input: Uint8Array, format: ImageFormat, options: ImageOptions): Promise<MadeImage> {
  const known = await open(input, 1).metadata()
  const { width, height } = known.autoOrient
  if (width * height > imageBounds.inputPixels) throw new NoImage('too_large')
  const plan = planImage({ format, width, height, frames: known.pages ?? 1 }, options)
  let image = resize(open(input, plan.frames).autoOrient(), plan, options)
  if (options.sharpen > 0) image = image.sharpen({ sigma: 0.5 + options.sharpen / 4 })
  if (options.metadata === 'keep') image = image.keepMetadata()
  if (options.metadata === 'copyright') {
    const rights = readRights(known.exif)
    if (Object.keys(rights).length > 0) image = image.withExif({ IFD0: rights })
  }
  const bytes = await encode(image, plan.format, options.quality).toBuffer()
  if (bytes.length > imageBounds.outputBytes) throw new NoImage('too_large')
  return { bytes, format: plan.format }
}

function open(input: Uint8Array, pages: number): Sharp {
  return sharp(input, { pages, limitInputPixels: imageBounds.inputPixels, failOn: 'error' })
}

function resize(image: Sharp, { scale, box, frames }: Plan, { gravity }: ImageOptions): Sharp {
  const white = { r: 255, g: 255, b: 255, alpha: 1 }
  if (box === undefined) return scale === undefined ? image : image.resize({ ...scale, fit: 'fill' })
  const { width, height } = box
  if (box.kind === 'fill') return image.resize({ width, height, fit: 'contain', background: white })
  if (Array.isArray(gravity)) {
    const whole = scale ?? box
    const [x, y] = gravity as readonly [number, number] // isArray does not narrow what is readonly
    return image.resize({ ...whole, fit: 'fill' }).extract({
      left: Math.round((whole.width - width) * x),
      top: Math.round((whole.height - height) * y),
      width,
      height,
    })
  }
  // What draws the eye is found in one picture, not in a row of them.
  const position = gravity === 'attention' && frames > 1 ? 'centre' : (gravity as string)
  return image.resize({ width, height, fit: 'cover', position })
}

/** With little effort: what more of it saves in bytes it costs many times over in seconds. */
function encode(image: Sharp, format: ImageFormat, quality: number): Sharp {
  switch (format) {
    case 'jpeg':
      return image.flatten({ background: '#fff' }).jpeg({ quality })
    case 'png':
      return image.png({ compressionLevel: 6 })
    case 'webp':
      return image.webp({ quality, effort: 3 })
    case 'gif':
      return image.gif({ effort: 2 })
    case 'avif':
      return image.avif({ quality, effort: 2 })
  }
}
