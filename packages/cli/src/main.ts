import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

// Compiled sources are kept beside what is installed, where only its owner writes: commands start in half the time.
enableCompileCache(fileURLToPath(new URL('../../../node_modules/.cache/pinyon/', import.meta.url)))
await import('./run.ts')
