import { randomBytes } from 'node:crypto'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Pair } from './certificates.ts'

const blocks = /-----BEGIN ([A-Z ]+)-----[\s\S]+?-----END \1-----\n?/g

/** The certificate and key in one file; undefined when there is no such file. Throws when it holds no such two. */
export async function readPair(file: string): Promise<Pair | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined // what node:fs throws carries a code
    throw error
  }
  const found = [...text.matchAll(blocks)]
  const cert = found.find(([, kind]) => kind === 'CERTIFICATE')?.[0]
  const key = found.find(([, kind]) => kind === 'PRIVATE KEY')?.[0]
  if (cert === undefined || key === undefined)
    throw new Error(`${file} holds no certificate and key. Remove it, and a new one is made.`)
  return { cert, key }
}

/**
 * Keeps a pair in one file, which only its owner reads, so that certificate and key always belong together. With `once`
 * the one that is there already stays. Answers the pair that is kept now.
 */
export async function keepPair(file: string, pair: Pair, { once }: { once: boolean }): Promise<Pair> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const made = `${file}.${randomBytes(6).toString('hex')}.new`
  try {
    await writeFile(made, `${pair.cert}${pair.key}`, { mode: 0o600, flag: 'wx', flush: true })
    if (!once) {
      await rename(made, file)
      return pair
    }
    await link(made, file)
    return pair
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // as above
    const kept = await readPair(file)
    if (kept === undefined) throw error
    return kept
  } finally {
    await rm(made, { force: true })
  }
}
