import type { Caller } from '../caller.ts'
import { requireEntryAllowed, typesInFolders } from '../keys/upload-bounds.ts'
import { sniffBytes } from '../lib/content-type.ts'
import { detectType, type Sample } from './detect-type.ts'
import type { FileTaker } from './folder-import.ts'

/** A file inside a folder, as bounds on types look at it. */
export interface ArrivedEntry {
  readonly path: readonly string[]
  readonly contentType: string | undefined
  readonly sample: Sample
}

/** Throws when what brings a folder may not bring this file in it. */
export type JudgeEntry = (entry: ArrivedEntry) => Promise<void>

/** What the key of an upload wants of each file in a folder, and what `other` does; undefined when both want nothing. */
export function judgeEntriesOf(caller: Pick<Caller, 'bounds'>, other?: JudgeEntry): JudgeEntry | undefined {
  const types = typesInFolders(caller)
  if (types === undefined) return other
  return async (entry) => {
    await other?.(entry)
    const { path, sample, contentType } = entry
    requireEntryAllowed(types, {
      path: path.join('/'),
      mimeType: await detectType(path.at(-1) ?? '', sample, contentType),
      sniffedType: await detectType('', sample),
    })
  }
}

/** Passes the bytes of a file of a folder on, and has it judged by the first of them when it ends. */
export function judgeAtEnd(
  taker: FileTaker,
  { path, contentType }: Omit<ArrivedEntry, 'sample'>,
  judge: JudgeEntry,
): FileTaker {
  const sample: Uint8Array[] = []
  let sampled = 0
  let bytes = 0
  return {
    write(piece) {
      bytes += piece.length
      if (sampled < sniffBytes) {
        const part = piece.slice(0, sniffBytes - sampled) // a copy: the piece is large
        sample.push(part)
        sampled += part.length
      }
      return taker.write(piece)
    },
    async end() {
      await judge({ path, contentType, sample: { bytes: Buffer.concat(sample), isWhole: bytes <= sampled } })
      await taker.end()
    },
  }
}
