import { imageBounds, type ImageFormat, type ImageOptions } from './image-options.ts'

/** What is known of an original before its pixels are read; the sides as it is to be looked at. */
export interface Original {
  readonly format: ImageFormat
  readonly width: number
  readonly height: number
  readonly frames: number
}

/** What is done with an original. */
export interface Plan {
  readonly format: ImageFormat
  readonly frames: number
  /** The sides that all of it is brought to; undefined when they stay. */
  readonly scale: { readonly width: number; readonly height: number } | undefined
  /** What is cut out of it after that, or filled up around it. */
  readonly box:
    | {
        readonly kind: 'cut' | 'fill'
        readonly width: number
        readonly height: number
      }
    | undefined
}

/** Works out sizes, frames and format within the bounds; it never fails, it makes less. */
export function planImage(original: Original, options: ImageOptions): Plan {
  const wished = options.format ?? original.format
  const canMove = wished === 'gif' || wished === 'webp'
  const still = planStill(original, options, 1)
  const pixels = (still.box ?? still.scale ?? original).width * (still.box ?? still.scale ?? original).height
  const { frames, width, height } = original
  const moves =
    canMove &&
    options.animated &&
    frames <= imageBounds.frames &&
    frames * width * height <= imageBounds.inputPixels &&
    frames * pixels <= imageBounds.pixels
  const format = wished === 'avif' && pixels > imageBounds.avifPixels ? 'webp' : wished
  return { ...still, format, frames: moves ? frames : 1 }
}

function planStill(original: Original, options: ImageOptions, shrink: number): Pick<Plan, 'scale' | 'box'> {
  const wanted = sizesOf(original, options, shrink)
  const { width, height } = wanted.box ?? wanted.scale
  const factor = Math.min(
    1,
    imageBounds.side / width,
    imageBounds.side / height,
    Math.sqrt(imageBounds.pixels / (width * height)),
  )
  if (factor < 1 && shrink === 1) return planStill(original, options, factor)
  const { scale } = wanted
  const isSame = scale.width === original.width && scale.height === original.height
  return { box: wanted.box, scale: isSame ? undefined : scale }
}

/** The sides of the whole, and of the box that it ends in. */
function sizesOf(
  { width, height }: Original,
  { width: wide, height: high, fit }: ImageOptions,
  shrink: number,
): { scale: { width: number; height: number }; box: Plan['box'] } {
  const by = (factor: number) => ({ width: atLeastOne(width * factor), height: atLeastOne(height * factor) })
  if (wide === null && high === null) return { scale: by(shrink), box: undefined }
  const fits = Math.min((wide ?? Infinity) / width, (high ?? Infinity) / height)
  if (wide === null || high === null || fit === 'scale-down' || fit === 'contain') {
    const grows = fit === 'contain' || fit === 'cover' || fit === 'pad'
    return { scale: by((grows ? fits : Math.min(1, fits)) * shrink), box: undefined }
  }
  if (fit === 'pad') {
    return { scale: by(fits * shrink), box: { kind: 'fill', ...boxOf(wide * shrink, high * shrink) } }
  }
  // Crop never enlarges: a box that is larger than the image ends where the image does.
  const box = fit === 'crop' ? boxOf(Math.min(wide, width), Math.min(high, height)) : { width: wide, height: high }
  const covers = Math.max(box.width / width, box.height / height)
  const cut = boxOf(box.width * shrink, box.height * shrink)
  const scale = by(covers * shrink)
  return {
    // Rounding must not leave the whole a pixel smaller than what is cut out of it.
    scale: { width: Math.max(scale.width, cut.width), height: Math.max(scale.height, cut.height) },
    box: { kind: 'cut', ...cut },
  }
}

function boxOf(width: number, height: number): { width: number; height: number } {
  return { width: atLeastOne(width), height: atLeastOne(height) }
}

function atLeastOne(length: number): number {
  return Math.max(1, Math.round(length))
}
