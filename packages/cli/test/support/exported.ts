import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TestServer } from './server.ts'

/** The lines of a manifest but for the ids, which are each installation's own. */
export async function manifest(dir: string): Promise<unknown[]> {
  const lines = (await readFile(join(dir, 'manifest.ndjson'), 'utf8')).trimEnd().split('\n')
  return lines.map((line) => {
    const { id: _id, ...rest } = JSON.parse(line) as Record<string, unknown>
    return rest
  })
}

/** Every CAR below a folder, by its path. */
export async function cars(dir: string): Promise<Map<string, Buffer>> {
  const names = (await readdir(join(dir, 'cars'), { recursive: true }))
    .filter((name) => name.endsWith('.car'))
    .toSorted()
  return new Map(await Promise.all(names.map(async (name) => [name, await readFile(join(dir, 'cars', name))] as const)))
}

/** A new folder with these files, by their paths; it goes with the server. */
export async function folderOf(server: TestServer, files: Record<string, string | Uint8Array>): Promise<string> {
  const dir = await mkdtemp(join(server.workDir, 'files-'))
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true })
    await writeFile(join(dir, path), bytes)
  }
  return dir
}
