import { randomBytes } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { type BlobPlace, blobStoreSuite } from './blob-store.suite.ts'
import { openDiskPacks } from './disk.ts'
import { FaultyFileOps } from './faulty-file-ops.ts'

describe('blob store on a disk', () => blobStoreSuite(() => openPlace({})))
// Where the file system has no direct writes, this is the same as above.
describe('blob store on a disk, past the page cache', () => blobStoreSuite(() => openPlace({ directFromBytes: 4096 })))

async function openPlace(direct: { directFromBytes?: number }): Promise<BlobPlace> {
  const place = await mkdtemp(join(tmpdir(), 'pinyon-packs-'))
  const dir = join(place, 'packs')
  return {
    async openStore(options = {}) {
      const ops = new FaultyFileOps()
      const store = await openDiskPacks({ dir, writerId: randomBytes(8).toString('hex'), ops, ...direct, ...options })
      return {
        store,
        faults: {
          failNextWrite: (afterBytes) => ops.failWriteAfter(afterBytes, 'ENOSPC'),
          failNextSync: () => ops.failNext('fdatasync', 'EIO'),
          syncs: () => ops.count('fdatasync'),
        },
      }
    },
    openReader: () => openDiskPacks({ dir, readOnly: true }),
    contents: (pack) => readFile(join(dir, `${pack}.car`)),
    leave: (pack, contents) => writeFile(join(dir, `${pack}.car`), contents),
    remove: () => rm(place, { recursive: true }),
  }
}
