import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeData, startServer } from '../../acceptance/support/server.ts'

/**
 * Compiles the program once for all starts of this run, which halves them: one that is killed keeps nothing of what it
 * compiled. Disposed of, nothing is left.
 */
export async function warmUp(): Promise<AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'pinyon-compiled-'))
  // Every server that this process starts takes it over.
  process.env['NODE_COMPILE_CACHE'] = dir
  const server = await startServer()
  await server.stop()
  await removeData(server)
  // A process that ends at this moment still writes what it compiled.
  const patient = { recursive: true, force: true, maxRetries: 50, retryDelay: 100 }
  return { [Symbol.asyncDispose]: () => rm(dir, patient) }
}
