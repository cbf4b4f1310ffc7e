import { bareType, typeOfBytes, typeOfName } from '../lib/content-type.ts'

/** The first bytes of a file, `sniffBytes` of them at most. */
export interface Sample {
  readonly bytes: Uint8Array
  /** True when the file has no more. */
  readonly isWhole: boolean
}

/**
 * The MIME type that a file is listed under: by the ending of its name, else by its first bytes. What the client says
 * counts only where these say no more than "text" or "bytes": many send octet-stream always.
 */
export async function detectType(name: string, { bytes, isWhole }: Sample, said?: string): Promise<string> {
  const byName = typeOfName(name)
  if (byName !== undefined) return bareType(byName)
  const byBytes = bareType(await typeOfBytes(bytes, { whole: isWhole }))
  const isVague = byBytes === 'application/octet-stream' || byBytes === 'text/plain'
  return isVague && said !== undefined && isSpecific(said) ? said : byBytes
}

function isSpecific(type: string): boolean {
  return /^[\w!#$&^.+-]{1,80}\/[\w!#$&^.+-]{1,80}$/.test(type) && type !== 'application/octet-stream'
}
