/** Tags of EXIF that say whose an image is: Artist and Copyright (EXIF 3.0 section 4.6.4). */
const rights = new Map([
  [0x013b, 'Artist'],
  [0x8298, 'Copyright'],
] as const)
const asciiType = 2
const maxLength = 1_000

/**
 * Who made an image and whose it is, out of the first directory of its EXIF data. What is not readable is left out; it
 * never fails.
 */
export function readRights(exif: Buffer | undefined): Record<string, string> {
  if (exif === undefined) return {}
  const tiff = exif.subarray(0, 6).toString('latin1') === 'Exif\0\0' ? exif.subarray(6) : exif
  const order = tiff.subarray(0, 2).toString('latin1')
  if (tiff.length < 14 || (order !== 'II' && order !== 'MM')) return {}
  const isLittle = order === 'II'
  const u16 = (at: number) => (at + 2 > tiff.length ? 0 : isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at))
  const u32 = (at: number) => (at + 4 > tiff.length ? 0 : isLittle ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at))
  const directory = u32(4)
  const found: Record<string, string> = {}
  for (let i = 0; i < u16(directory); i++) {
    const entry = directory + 2 + i * 12
    const name = rights.get(u16(entry) as 0x013b) // any number may be asked for
    const length = u32(entry + 4)
    if (name === undefined || u16(entry + 2) !== asciiType || length > maxLength) continue
    const at = length <= 4 ? entry + 8 : u32(entry + 8)
    if (at + length > tiff.length) continue
    const text = tiff
      .subarray(at, at + length)
      .toString('utf8')
      .replace(/\0.*$/s, '')
      .trim()
    if (text !== '') found[name] = text
  }
  return found
}
