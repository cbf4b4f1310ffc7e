import { FolderUp, FileUp } from 'lucide-react'
import { type ChangeEvent, useRef } from 'react'
import { chooseFiles } from '../uploads/choosing.ts'
import { Button } from '../ui/button.tsx'

/** Has an input take folders. Every browser knows it; the types of React do not. */
export const wholeFolders = { webkitdirectory: '' } as object

/** Two ways to choose what to upload: files, or a folder with all that is in it. */
export function UploadInputs({ look = 'secondary' }: { readonly look?: 'primary' | 'secondary' }) {
  const files = useRef<HTMLInputElement>(null)
  const folder = useRef<HTMLInputElement>(null)
  const onChange = async ({ target }: ChangeEvent<HTMLInputElement>) => {
    if (target.files !== null && target.files.length > 0) await chooseFiles(target.files)
    // So that the same can be chosen again.
    target.value = ''
  }
  const hidden = {
    type: 'file',
    hidden: true,
    onChange: (event: ChangeEvent<HTMLInputElement>) => void onChange(event),
  }
  return (
    <div className="flex flex-wrap gap-2">
      <Button look={look} onClick={() => files.current?.click()}>
        <FileUp />
        Choose files
      </Button>
      <Button onClick={() => folder.current?.click()}>
        <FolderUp />
        Choose a folder
      </Button>
      <input ref={files} {...hidden} multiple aria-label="Files to upload" />
      <input ref={folder} {...hidden} {...wholeFolders} aria-label="Folder to upload" />
    </div>
  )
}
