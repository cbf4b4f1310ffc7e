/**
 * The first 64 bits of murmur3 x64-128 with seed 0 (https://github.com/aappleby/smhasher), as two 32 bit halves. That is
 * the hash function 0x22 of UnixFS shards: the high half's top byte picks the slot of the first level. Not a defence
 * against anybody: names that collide are easy to make.
 */
export function murmur3(bytes: Uint8Array): { high: number; low: number } {
  const { length } = bytes
  const tailAt = length - (length % 16)
  let h1h = 0
  let h1l = 0
  let h2h = 0
  let h2l = 0

  for (let at = 0; at < tailAt; at += 16) {
    mix1(word(bytes, at + 4), word(bytes, at))
    xorInto(h1h, h1l)
    rotate(27)
    addTo(h2h, h2l)
    multiplyByFiveAndAdd(0x52dce729)
    h1h = high
    h1l = low

    mix2(word(bytes, at + 12), word(bytes, at + 8))
    xorInto(h2h, h2l)
    rotate(31)
    addTo(h1h, h1l)
    multiplyByFiveAndAdd(0x38495ab5)
    h2h = high
    h2l = low
  }

  if (tailAt < length) {
    const tail = new Uint8Array(16)
    tail.set(bytes.subarray(tailAt))
    if (length - tailAt > 8) {
      mix2(word(tail, 12), word(tail, 8))
      h2h ^= high
      h2l ^= low
    }
    mix1(word(tail, 4), word(tail, 0))
    h1h ^= high
    h1l ^= low
  }

  h1l ^= length
  h2l ^= length
  high = h1h
  low = h1l
  addTo(h2h, h2l)
  h1h = high
  h1l = low
  high = h2h
  low = h2l
  addTo(h1h, h1l)
  finish()
  h2h = high
  h2l = low
  high = h1h
  low = h1l
  finish()
  addTo(h2h, h2l)
  return { high: high >>> 0, low: low >>> 0 }
}

/** The 64 bit register that the steps below work on. Halves in variables: bigint is thirty times slower. */
let high = 0
let low = 0

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24) | 0
  )
}

function mix1(h: number, l: number): void {
  high = h
  low = l
  multiply(0x87c37b91, 0x114253d5)
  rotate(31)
  multiply(0x4cf5ad43, 0x2745937f)
}

function mix2(h: number, l: number): void {
  high = h
  low = l
  multiply(0x4cf5ad43, 0x2745937f)
  rotate(33)
  multiply(0x87c37b91, 0x114253d5)
}

function finish(): void {
  low ^= high >>> 1
  multiply(0xff51afd7, 0xed558ccd)
  low ^= high >>> 1
  multiply(0xc4ceb9fe, 0x1a85ec53)
  low ^= high >>> 1
}

function xorInto(h: number, l: number): void {
  high ^= h
  low ^= l
}

function addTo(h: number, l: number): void {
  const sum = (low >>> 0) + (l >>> 0)
  high = (high + h + (sum > 0xffffffff ? 1 : 0)) | 0
  low = sum | 0
}

function multiplyByFiveAndAdd(constant: number): void {
  multiply(0, 5)
  addTo(0, constant)
}

function rotate(bits: number): void {
  const h = high
  const l = low
  if (bits >= 32) {
    const rest = bits - 32
    high = rest === 0 ? l : (l << rest) | (h >>> (32 - rest))
    low = rest === 0 ? h : (h << rest) | (l >>> (32 - rest))
  } else {
    high = (h << bits) | (l >>> (32 - bits))
    low = (l << bits) | (h >>> (32 - bits))
  }
}

/** Times a 64 bit constant, modulo 2^64. The upper half of the product of the low halves goes by 16 bit parts. */
function multiply(h: number, l: number): void {
  const a0 = low & 0xffff
  const a1 = low >>> 16
  const b0 = l & 0xffff
  const b1 = l >>> 16
  const carry = a1 * b0 + ((a0 * b0) >>> 16)
  const middle = a0 * b1 + (carry & 0xffff)
  const upper = a1 * b1 + (carry >>> 16) + (middle >>> 16)
  high = (Math.imul(high, l) + Math.imul(low, h) + upper) | 0
  low = Math.imul(low, l)
}
