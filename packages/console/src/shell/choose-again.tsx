import { FileUp } from 'lucide-react'
import { useRef } from 'react'
import type { Upload } from '../uploads/upload.ts'
import { uploadQueue } from '../uploads/upload-queue.ts'
import { Button } from '../ui/button.tsx'

/** Asks for the file of an upload that was begun before the page was loaded: a page cannot keep it by itself. */
export function ChooseAgain({ upload: { id, title } }: { readonly upload: Upload }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        look="quiet"
        size="icon"
        aria-label={`Choose ${title} again`}
        title="Choose the file again"
        onClick={() => input.current?.click()}
      >
        <FileUp />
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={`${title}, to go on with`}
        onChange={({ target }) => {
          const file = target.files?.item(0)
          if (file != null) uploadQueue.goOnWith(id, file)
          target.value = ''
        }}
      />
    </>
  )
}
