import { useSyncExternalStore } from 'react'
import type { UploadsSeen } from './summarise.ts'
import { uploadQueue } from './upload-queue.ts'

/** The uploads of this tab as they are now. */
export function useUploads(): UploadsSeen {
  return useSyncExternalStore(uploadQueue.subscribe, uploadQueue.getSnapshot)
}
