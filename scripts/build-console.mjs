import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'

const folder = 'packages/console'
/** What the console is built from. Files that are not there count too: they may come. */
const sources = [
  ...['index.html', 'vite.config.ts', 'route-rows.ts', 'package.json', 'src', 'public'].map(
    (name) => `${folder}/${name}`,
  ),
  'packages/contract/src',
  'package-lock.json',
  'scripts/build-console.mjs',
]
/** Fonts and pictures are compressed already. */
const compressible = new Set(['.css', '.js', '.json', '.svg', '.txt'])

/**
 * Whether `packages/console/dist` is what the sources as they are now would become. They are read, not only looked at: a
 * checkout of another commit may leave times and sizes as they were, and reading takes a few milliseconds.
 *
 * @param {string} root the checkout
 */
export function isConsoleBuilt(root) {
  const stamp = join(root, folder, 'dist/.built-from')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === hashOf(root)
}

/**
 * Builds the console. The build there was stays until the new one is whole. Throws with the builder's words when it
 * fails.
 *
 * @param {string} root the checkout
 * @param {string} node the Node to build with
 */
export function buildConsole(root, node) {
  console.error('Building the console...')
  const builtFrom = hashOf(root)
  const made = join(root, folder, '.dist-new')
  try {
    const vite = join(
      dirname(createRequire(join(root, folder, 'package.json')).resolve('vite/package.json')),
      'bin/vite.js',
    )
    const args = [vite, 'build', join(root, folder), '--outDir', made, '--emptyOutDir', '--logLevel', 'warn']
    // Or React would be built as the environment of whoever starts this happens to say.
    const env = { ...process.env, NODE_ENV: 'production' }
    const { status, stdout, stderr, error } = spawnSync(node, args, { cwd: root, env, encoding: 'utf8' })
    if (status !== 0)
      throw new Error(`The console could not be built.\n${stdout ?? ''}${stderr ?? ''}`.trim(), { cause: error })
    for (const path of filesBelow(made)) if (compressible.has(extname(path))) compress(path)
    writeFileSync(join(made, '.built-from'), builtFrom)
    rmSync(join(root, folder, 'dist'), { recursive: true, force: true })
    renameSync(made, join(root, folder, 'dist'))
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

/** @param {string} path */
function compress(path) {
  const bytes = readFileSync(path)
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length }
  writeFileSync(`${path}.br`, brotliCompressSync(bytes, { params }))
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }))
}

/** @param {string} root */
function hashOf(root) {
  const hash = createHash('sha256')
  for (const path of sources.flatMap((source) => filesBelow(join(root, source)))) {
    if (/\.test\.tsx?$/.test(path)) continue
    const bytes = readFileSync(path)
    hash.update(`${path.slice(root.length)}\n${bytes.length}\n`).update(bytes)
  }
  return hash.digest('hex')
}

/**
 * The file itself, or all files of a folder in a fixed order; none when there is nothing.
 *
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  if (!existsSync(path)) return []
  try {
    return readdirSync(path)
      .sort()
      .flatMap((name) => filesBelow(join(path, name)))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTDIR') return [path]
    throw error
  }
}
