import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'

/** Where the console's build is. */
export const builtConsole = join(import.meta.dirname, '../../../console/dist')

/** The console's build, in memory: the page and the code that answers it stay of one version while the process runs. */
export interface ConsoleFiles {
  /** The one page, with `%NONCE%` where the nonce of each answer goes. */
  readonly page: string
  /** What the page loads, by path. */
  readonly assets: ReadonlyMap<string, Asset>
}

/** One file that the page loads. */
export interface Asset {
  readonly contentType: string
  /** Names that carry a hash stand for the same bytes for ever. */
  readonly isHashed: boolean
  /** Hash of its bytes. */
  readonly tag: string
  readonly bytes: Buffer
  /** The same compressed, where the build did so. */
  readonly compressed: { readonly br?: Buffer; readonly gzip?: Buffer }
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.ico': 'image/x-icon',
  '.jpg': 'image/jpeg',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/** Reads the build in `dir`; undefined when there is none. */
export function readConsoleFiles(dir: string): ConsoleFiles | undefined {
  const page = join(dir, 'index.html')
  if (!existsSync(page)) return undefined
  const bytesOf = new Map(
    readdirSync(join(dir, 'console'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name)
        return [path.slice(dir.length).replaceAll('\\', '/'), readFileSync(path)]
      }),
  )
  const assets = new Map<string, Asset>()
  for (const [path, bytes] of bytesOf) {
    if (/\.(br|gz)$/.test(path) && bytesOf.has(path.slice(0, -3))) continue
    const [br, gzip] = [bytesOf.get(`${path}.br`), bytesOf.get(`${path}.gz`)]
    assets.set(path, {
      contentType: contentTypes[extname(path)] ?? 'application/octet-stream',
      isHashed: /-[\w-]{8}\.\w+$/.test(path), // as the builder names what it makes; what it only copies has no hash
      tag: createHash('sha256').update(bytes).digest('base64url').slice(0, 22),
      bytes,
      compressed: { ...(br === undefined ? {} : { br }), ...(gzip === undefined ? {} : { gzip }) },
    })
  }
  return { page: readFileSync(page, 'utf8'), assets }
}
