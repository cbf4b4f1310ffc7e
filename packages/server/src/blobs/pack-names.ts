import { join } from 'node:path'

const fileName = /^([0-9A-Za-z-]{1,64}-\d{6,12})\.car$/

/** Name of a writer's pack; names of one writer sort in the order they were made. */
export function packName(writerId: string, sequence: number): string {
  return `${writerId}-${String(sequence).padStart(6, '0')}`
}

/** The file of a pack. Throws on what is no pack's name, so that no name leads elsewhere. */
export function packPath(dir: string, pack: string): string {
  const file = `${pack}.car`
  if (!fileName.test(file)) throw new Error(`no name of a pack: ${pack}`)
  return join(dir, file)
}

/** The pack that a file is, with its writer; undefined for files that are none. */
export function packOfFile(file: string): { pack: string; writerId: string } | undefined {
  const pack = fileName.exec(file)?.[1]
  return pack === undefined ? undefined : { pack, writerId: writerOf(pack) }
}

/** The writer of a pack, by its name. */
export function writerOf(pack: string): string {
  return pack.slice(0, pack.lastIndexOf('-'))
}
