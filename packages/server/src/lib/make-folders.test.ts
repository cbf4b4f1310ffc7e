import { existsSync } from 'node:fs'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { makeFolders, makeFoldersSync } from './make-folders.ts'

const ways: [string, (dir: string, mode?: number) => Promise<void>][] = [
  ['makeFolders', makeFolders],
  ['makeFoldersSync', async (dir, mode) => makeFoldersSync(dir, mode)],
]

describe.each(ways)('%s', (_name, make) => {
  const place = async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pinyon-folders-'))
    onTestFinished(() => rm(dir, { recursive: true }))
    return dir
  }

  it('makes what is absent, of that mode, and leaves what is there', async () => {
    const dir = join(await place(), 'a', 'b', 'c')
    await make(dir, 0o700)
    for (const each of [dir, join(dir, '..')]) expect((await stat(each)).mode & 0o777).toBe(0o700)
    await writeFile(join(dir, 'x'), '')
    await make(dir)
    await Promise.all([make(join(dir, 'd', 'e')), make(join(dir, 'd', 'e'))])
    expect((await stat(join(dir, 'd', 'e'))).isDirectory()).toBe(true)
    await expect(make(join(dir, 'x'))).rejects.toThrow('EEXIST')
    await expect(make(join(dir, 'x', 'y', 'z'))).rejects.toThrow('ENOTDIR')
  })

  it('makes several below one that none of them found', async () => {
    const dir = await place()
    for (let round = 0; round < 300; round++) {
      const made = ['a', 'b', 'c', 'd'].map((name) => join(dir, `${round}`, name))
      await Promise.all(made.map((each) => make(each)))
      for (const each of made) expect((await stat(each)).isDirectory()).toBe(true)
    }
  })

  it.skipIf(!existsSync('/proc/self'))('ends where the system lets nobody make any', async () => {
    await expect(make('/proc/x')).rejects.toThrow('ENOENT')
    await expect(make('/proc/x/y/z')).rejects.toThrow('ENOENT')
  })
})
