import type { ImportedNode } from '../ipfs/layout.ts'
import { readFile } from '../ipfs/read-file.ts'
import { findNode } from '../ipfs/read-node.ts'
import { surveyDag } from '../ipfs/walk-dag.ts'
import { sniffBytes } from '../lib/content-type.ts'
import type { BlockWriter } from '../pins/block-writer.ts'
import { CarImport, completeCar } from './car-import.ts'
import { detectType, type Sample } from './detect-type.ts'
import type { HolderLink } from './get-upload.ts'
import type { Content } from './content.ts'
import type { ResumableChoice } from './upload-state.ts'

/**
 * Finds out about the file that came: what there is to keep. A CAR came as a file like any other and is read now; the
 * blocks that held it are given back. Throws what is wrong with the CAR, and what `judge` does.
 */
export async function contentOfUpload(
  writer: BlockWriter,
  node: ImportedNode,
  { choice, isDirty, judge }: { choice: ResumableChoice; isDirty: boolean; judge: HolderLink['judge'] | undefined },
): Promise<Content> {
  const { network } = choice
  const defaultName = choice.filename ?? null
  const name = choice.name ?? defaultName ?? ''
  const sample = await sampleOf(writer, node)
  await judge?.({ name: defaultName ?? '', isCar: choice.isCar, sample })
  if (choice.isCar) {
    const car = new CarImport(writer, undefined)
    for await (const piece of bytesOf(writer, node)) await car.write(piece)
    const dag = await completeCar(await car.finish(), writer, undefined)
    return { ...dag, written: await writer.finish({ network, reached: dag.reached }), defaultName }
  }
  const mimeType = await detectType(name, sample, choice.contentType)
  // Blocks of a request that did not end in order are left out.
  const reached = isDirty ? (await surveyDag(writer, node.cid)).reached : undefined
  const written = await writer.finish({ network, ...(reached === undefined ? {} : { reached }) })
  const sniffedType = await detectType('', sample)
  const { cid: root, contentBytes: sizeBytes } = node
  return { root, written, sizeBytes, numberOfFiles: 1, mimeType, sniffedType, defaultName }
}

/** The first bytes of a file that is in the packs. */
export async function sampleOf(writer: BlockWriter, node: ImportedNode): Promise<Sample> {
  const pieces: Uint8Array[] = []
  for await (const piece of bytesOf(writer, node, sniffBytes)) pieces.push(piece)
  return { bytes: Buffer.concat(pieces), isWhole: node.contentBytes <= sniffBytes }
}

async function* bytesOf(writer: BlockWriter, { cid, contentBytes }: ImportedNode, most = contentBytes) {
  const node = await findNode(writer, cid)
  if (node?.kind !== 'file' && node?.kind !== 'raw') throw new Error('A file that was just written cannot be read')
  yield* readFile(writer, node, { range: { start: 0, end: Math.min(most, contentBytes) } })
}
