// Loaded before a server that belongs to another process (--import): it ends when that one does, however that ends, and
// takes its data directory with it.
import { rmSync } from 'node:fs'
import { isMainThread } from 'node:worker_threads'

// It is loaded into the server's threads as well, which end by themselves.
if (isMainThread) {
  const dataDir = process.env.PINYON_DATA_DIR
  process.on('exit', () => {
    if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true })
  })
  process.stdin.on('end', () => process.kill(process.pid, 'SIGTERM')).on('error', () => undefined)
  process.stdin.resume()
  process.stdin.unref?.()
}
