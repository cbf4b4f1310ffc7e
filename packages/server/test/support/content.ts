import { cidBytes, formatCid, type Cid } from '../../src/ipfs/cid.ts'
import type { MemoryBlocks } from '../../src/ipfs/memory-blocks.ts'
import { collectBytes } from '../../src/ipfs/sample-dags.ts'
import { writeCar } from '../../src/ipfs/write-car.ts'
import type { KeyValues, TestApp } from './app.ts'

/** A file as an upload answers it. */
export interface Uploaded {
  readonly id: string
  readonly cid: string
  readonly size: number
}

/** Uploads files by `POST /v3/files`; several make a folder. Public unless told. */
export async function upload(
  app: Pick<TestApp, 'ask'>,
  key: KeyValues,
  files: readonly (readonly [name: string, content: string | Uint8Array])[],
  fields: Record<string, string> = {},
): Promise<Uploaded> {
  const form = new FormData()
  for (const [name, value] of Object.entries({ network: 'public', ...fields })) form.append(name, value)
  for (const [name, content] of files) form.append('file', new Blob([Buffer.from(content)]), name)
  const { status, body } = await app.ask('POST', '/v3/files', { key, form })
  if (status !== 200) throw new Error(`the upload answered ${status}: ${JSON.stringify(body)}`)
  return body.data
}

/** Uploads a DAG made block by block, as a CAR. */
export async function uploadDag(
  app: TestApp,
  key: KeyValues,
  { root, blocks }: { root: Cid; blocks: MemoryBlocks },
  fields: Record<string, string> = {},
): Promise<Uploaded> {
  const car = await collectBytes(writeCar(blocks, root, { scope: 'all' }))
  const kept = await upload(app, key, [['dag.car', car]], { car: 'true', ...fields })
  if (kept.cid !== formatCid(root))
    throw new Error(`the root ${Buffer.from(cidBytes(root)).toString('hex')} was not kept`)
  return kept
}
