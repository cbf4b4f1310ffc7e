import { setFlagsFromString } from 'node:v8'

/**
 * Keeps the engine from taking memory for garbage instead of collecting it: left alone, it grows the young generation to
 * 100 MB while requests come in, and the old one to four times what is alive. To be called once, when start-up is over:
 * the young generation keeps the size that it has then, and the old one is looked at when it has doubled. Sooner would
 * be dear: the pieces of request bodies count, and 33 percent made fifty full collections a GiB of upload.
 */
export function boundHeapGrowth(): void {
  // The engine reads both before each growth; what it reads only when it starts would have to be on the command line.
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--heap-growing-percent=100')
}
