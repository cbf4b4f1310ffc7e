import type { FileOps } from './file-ops.ts'

/**
 * Space that one step gives back. Freeing a pack of 1 GiB at once holds the journal of ext4, and every sync beside it,
 * for a quarter of a second; this much costs one millisecond.
 */
export const stepBytes = 4 * 1024 * 1024

/**
 * Gives the space of a file that has no name any more back from its end, each step durable before the next; the last
 * one is left to whoever closes it. `between` is awaited after each step with the time it began. Throws the system's
 * error, and what `between` throws.
 */
export async function freeInSteps(
  ops: FileOps,
  fd: number,
  between?: (startedMs: number) => Promise<void>,
): Promise<void> {
  for (let sizeBytes = await ops.sizeOf(fd); sizeBytes > stepBytes;) {
    const startedMs = performance.now()
    // Cut at whole steps, so that no page is cut in two and has to be written again.
    sizeBytes = (Math.ceil(sizeBytes / stepBytes) - 1) * stepBytes
    await ops.ftruncate(fd, sizeBytes)
    // Waits for the transaction that frees them: steps never pile up in it, and where the disk is busy they come slower.
    await ops.fdatasync(fd)
    await between?.(startedMs)
  }
}
