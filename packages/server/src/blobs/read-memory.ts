/** Place, length and memory of what goes past the page cache are multiples of this; no device in use asks for more. */
export const pageBytes = 4096
/** In units of which WebAssembly counts memory. */
const wasmPageBytes = 64 * 1024

/** Memory that begins at a page of the machine, which that of a `Buffer` does not, and has at least so many bytes. */
export function alignedMemory(sizeBytes: number): Uint8Array {
  return new Uint8Array(new WebAssembly.Memory({ initial: Math.ceil(sizeBytes / wasmPageBytes) }).buffer)
}

/** Memory that one who reads again and again reads into, so that no buffers have to be collected. */
export class ReadMemory {
  readonly #bytes: Uint8Array
  #usedBytes = 0

  constructor(sizeBytes: number) {
    this.#bytes = alignedMemory(sizeBytes)
  }

  /** The next so many bytes, beginning at a page; undefined when there are not so many left. */
  take(length: number): Uint8Array | undefined {
    const begin = this.#usedBytes
    const end = begin + length
    if (end > this.#bytes.length) return undefined
    this.#usedBytes = Math.ceil(end / pageBytes) * pageBytes
    return this.#bytes.subarray(begin, end)
  }

  /** Nobody needs what was read so far. */
  clear(): void {
    this.#usedBytes = 0
  }
}
