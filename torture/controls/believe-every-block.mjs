// The promise broken on purpose: no block is held against its hash. For controls of rigs only.
import { registerHooks } from 'node:module'

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.endsWith('/server/src/ipfs/multihash.ts')) return loaded
    const source = Buffer.from(/** @type {Uint8Array} */ (loaded.source)).toString()
    if (!source.includes('export function verifyBytes(')) throw new Error('there is no verifyBytes to break')
    return {
      ...loaded,
      source: source.replace(
        'export function verifyBytes(',
        'export function verifyBytes() { return true }\nexport function asItIs(',
      ),
    }
  },
})
