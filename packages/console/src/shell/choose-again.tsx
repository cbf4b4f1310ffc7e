import { FileUp, FolderUp } from 'lucide-react'
import { type ChangeEvent, useRef } from 'react'
import { readInput } from '../uploads/read-drop.ts'
import type { Upload } from '../uploads/upload.ts'
import { uploadQueue } from '../uploads/upload-queue.ts'
import { Button } from '../ui/button.tsx'
import { wholeFolders } from './upload-inputs.tsx'

/** Asks for the file or folder of an upload that was begun before the page was loaded: a page cannot keep it by itself. */
export function ChooseAgain({ upload: { id, title, isFolder } }: { readonly upload: Upload }) {
  const input = useRef<HTMLInputElement>(null)
  const onChange = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    if (target.files !== null && target.files.length > 0)
      uploadQueue.goOnWith(id, (await readInput(target.files)).parts)
    // So that the same can be chosen again.
    target.value = ''
  }
  return (
    <>
      <Button
        look="quiet"
        size="icon"
        aria-label={`Choose ${title} again`}
        title={`Choose the ${isFolder ? 'folder' : 'file'} again`}
        onClick={() => input.current?.click()}
      >
        {isFolder ? <FolderUp /> : <FileUp />}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`${title}, to go on with`}
        onChange={(event) => void onChange(event)}
        {...(isFolder ? wholeFolders : {})}
      />
    </>
  )
}
