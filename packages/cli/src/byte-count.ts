import { UsageError } from './exit.ts'

const units: Readonly<Record<string, number>> = {
  '': 1,
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  pb: 1e15,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
  pib: 1024 ** 5,
}

/** `10GiB`, `500MB`, `1.5 TB`, `1048576`, in bytes. Throws UsageError. */
export function readByteCount(text: string): number {
  const match = /^(\d{1,16}(?:\.\d{1,6})?)\s*([a-z]{0,3})$/i.exec(text.trim())
  const unit = units[(match?.[2] ?? '?').toLowerCase()]
  const bytes = Math.round(Number(match?.[1]) * (unit ?? Number.NaN))
  if (!Number.isSafeInteger(bytes))
    throw new UsageError(`"${text}" is not a number of bytes. Write 10GiB, 500MB or 1048576.`)
  return bytes
}
