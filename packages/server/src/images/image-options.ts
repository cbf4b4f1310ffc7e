/** Formats that images are read in and given out in. SVG is not among them: rasterising it would follow its references. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif'

/** What an image is to become, in one spelling: equal wishes are equal texts in JSON. */
export interface ImageOptions {
  /** In pixels of the answer, the device's ratio counted in; null where it follows from the other one. */
  readonly width: number | null
  readonly height: number | null
  readonly fit: 'scale-down' | 'contain' | 'cover' | 'crop' | 'pad'
  /** What stays when something is cut off; a pair says how far from left and top, 0 to 1. */
  readonly gravity: 'centre' | 'attention' | 'left' | 'right' | 'top' | 'bottom' | readonly [number, number]
  readonly quality: number
  /** Null for that of the original. */
  readonly format: ImageFormat | null
  readonly animated: boolean
  /** 0 to 10. */
  readonly sharpen: number
  readonly metadata: 'keep' | 'copyright' | 'none'
}

/** An image that was made. */
export interface MadeImage {
  readonly bytes: Uint8Array
  readonly format: ImageFormat
}

/** Bounds on what is taken and made; docs/decisions/images.md gives the reasons. */
export const imageBounds = {
  /** Bytes of an original. */
  inputBytes: 32 * 1024 * 1024,
  /** Pixels of an original, all frames that are read counted. */
  inputPixels: 50_000_000,
  /** Longer sides are never made. */
  side: 4_096,
  /** Pixels of what is made, all frames counted. */
  pixels: 10_000_000,
  /** AVIF costs ten times what WebP does: larger ones are made as WebP. */
  avifPixels: 2_000_000,
  /** Animations with more frames become their first. */
  frames: 200,
  outputBytes: 32 * 1024 * 1024,
  /** Processor time of one image, however busy the machine is. */
  cpuMs: 10_000,
  /** An image is given up after this time in any case. */
  timeMs: 60_000,
  /** A process that grows beyond this ends itself. */
  memoryBytes: 640 * 1024 * 1024,
} as const

/** The format that the first bytes of a file say; undefined for what is no image that is read here. */
export function imageFormatOf(head: Uint8Array): ImageFormat | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 12)).toString('latin1')
  if (text.startsWith('\xff\xd8\xff')) return 'jpeg'
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png'
  if (/^GIF8[79]a/.test(text)) return 'gif'
  if (/^RIFF....WEBP/s.test(text)) return 'webp'
  return undefined
}
