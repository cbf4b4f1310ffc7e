import { UploadCloud } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { loadAhead, partOf } from '../lib/load-ahead.ts'
import { chooseDropped, useChoosing } from '../uploads/choosing.ts'
import { takeDrop } from '../uploads/read-drop.ts'
import { uploadQueue } from '../uploads/upload-queue.ts'
import { useUploads } from '../uploads/use-uploads.ts'

const loadDialog = partOf(() => import('./upload-dialog.tsx'))
const loadDrawer = partOf(() => import('./upload-drawer.tsx'))
const UploadDialog = lazy(async () => ({ default: (await loadDialog()).UploadDialog }))
const UploadDrawer = lazy(async () => ({ default: (await loadDrawer()).UploadDrawer }))

/** Takes what is dropped anywhere on any page, asks how to upload it, and shows the uploads of this tab. */
export function DropZone() {
  const isOver = useFileDrag()
  const { isOpen } = useChoosing()
  const { uploads, active } = useUploads()
  useAskBeforeLeaving(active > 0)
  useEffect(loadAhead, [])
  useEffect(() => uploadQueue.restore(), [])
  return (
    <>
      {isOver && (
        <div className="bg-shade pointer-events-none fixed inset-0 z-60 flex items-center justify-center p-6">
          <div className="bg-surface border-accent flex flex-col items-center gap-2 rounded-lg border-2 border-dashed p-8 text-center">
            <UploadCloud aria-hidden className="text-accent size-8" />
            <p className="text-lg font-semibold">Drop files and folders here</p>
            <p className="text-muted">Nothing is sent before you have said who may read it.</p>
          </div>
        </div>
      )}
      <Suspense>
        {isOpen && <UploadDialog />}
        {uploads.length > 0 && <UploadDrawer />}
      </Suspense>
    </>
  )
}

/** Whether files are being dragged over the page; what is dropped is taken. */
function useFileDrag(): boolean {
  const [isOver, setOver] = useState(false)
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent) => {
      setOver(false)
      if (!hasFiles(event) || event.dataTransfer === null) return
      // Or the browser would leave the page and show the file.
      event.preventDefault()
      void chooseDropped(takeDrop(event.dataTransfer.items))
    }
    window.addEventListener('dragenter', onOver)
    window.addEventListener('dragover', onOver)
    window.addEventListener('dragleave', onLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragenter', onOver)
      window.removeEventListener('dragover', onOver)
      window.removeEventListener('dragleave', onLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [])
  return isOver
}

function useAskBeforeLeaving(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isOn])
}
