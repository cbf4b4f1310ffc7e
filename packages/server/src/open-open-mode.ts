import { mkdirSync, readdirSync } from 'node:fs'
import { rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { defaultMinFreeBytes } from './blobs/disk.ts'
import type { DataDir } from './data-dir.ts'
import { BlockCache } from './open-mode/block-cache.ts'
import { FetchedBlocks } from './open-mode/fetched-blocks.ts'
import { createOpenMetrics } from './open-mode/open-metrics.ts'
import type { Services } from './services.ts'

/**
 * Opens what fetches for the gateway, where the settings ask for it in a process that serves it. Its cache is a directory
 * of this process alone (`DATA/open-cache/{writer}`), empty at first: what processes before it have left there goes.
 */
export async function openOpenMode(
  { config, node, log, metrics }: Pick<Services, 'config' | 'node' | 'log' | 'metrics'>,
  { path, writers }: Pick<DataDir, 'path' | 'writers'>,
): Promise<FetchedBlocks | undefined> {
  const dir = join(path, 'open-cache')
  const { open, firstByteMs } = config.gateway
  const isOn = open !== undefined && config.roles.includes('gateway')
  if (isOn) mkdirSync(dir, { recursive: true, mode: 0o700 })
  const emptied = removeLeft(dir, writers.living())
  if (!isOn) {
    await emptied
    return undefined
  }
  const { blocks, bsize } = await statfs(dir)
  const cache = new BlockCache({
    dir: join(dir, writers.id),
    maxBytes: open.cacheBytes,
    // It gives way before uploads are refused.
    minFreeBytes: 2 * defaultMinFreeBytes(blocks * bsize),
    log,
    after: emptied,
  })
  const metricsOfIt = createOpenMetrics(metrics.registry)
  return new FetchedBlocks({ node, cache, metrics: metricsOfIt, fetches: open.fetches, blockMs: firstByteMs })
}

async function removeLeft(dir: string, living: ReadonlySet<string>): Promise<void> {
  for (const name of namesIn(dir)) {
    if (!living.has(name)) await rm(join(dir, name), { recursive: true, force: true })
  }
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [] // fs fails with errno errors
    throw error
  }
}
