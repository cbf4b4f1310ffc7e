import { useState } from 'react'
import { contentUrl, type File } from '../../api/files.ts'
import { useWhoami } from '../../api/session.ts'
import { Button } from '../../ui/button.tsx'
import { kindOf } from './kind-of.ts'
import { TextPreview } from './text-preview.tsx'

/** A picture or film is asked for at once only up to here; nobody wants to wait for more unasked. */
const unaskedBytes = 64 * 1_048_576

interface PreviewProps {
  readonly file: File
  /** A file inside the folder that `file` is; the file itself when empty. */
  readonly path: string
  readonly sizeBytes: number | null
}

/**
 * What a file looks like. Nothing of it is run: pictures, films and sounds are given to the elements that only show
 * them, texts are text, and everything else can be downloaded.
 */
export function Preview({ file, path, sizeBytes }: PreviewProps) {
  const { urls } = useWhoami()
  const name = path === '' ? (file.name ?? file.cid) : (path.split('/').at(-1) ?? path)
  const kind = kindOf(path === '' ? file.mime_type : undefined, name)
  // The gateway is another origin and gives ranges to whoever asks; what is private only this origin has.
  const src =
    file.network === 'public'
      ? `${urls.gateway}/ipfs/${file.cid}${path === '' ? '' : `/${path.split('/').map(encodeURIComponent).join('/')}`}`
      : contentUrl(file.id, path)
  switch (kind) {
    case 'image':
    case 'video':
    case 'audio':
      return <Media key={src} kind={kind} src={src} name={name} sizeBytes={sizeBytes} />
    case 'json':
    case 'text':
      return <TextPreview id={file.id} path={path} isJson={kind === 'json'} sizeBytes={sizeBytes} />
    case 'folder':
    case 'other':
      return (
        <p className="border-line text-muted rounded-md border border-dashed p-6">
          {file.mime_type === 'directory' ? 'This file' : `Type ${file.mime_type}: it`} cannot be shown here. Download
          it to look at it.
        </p>
      )
  }
}

interface MediaProps {
  readonly kind: 'image' | 'video' | 'audio'
  readonly src: string
  readonly name: string
  readonly sizeBytes: number | null
}

function Media({ kind, src, name, sizeBytes }: MediaProps) {
  const [isBroken, setBroken] = useState(false)
  const [isAsked, setAsked] = useState(kind !== 'image' || (sizeBytes ?? 0) <= unaskedBytes)
  const onError = () => setBroken(true)
  if (isBroken)
    return (
      <p className="border-line text-muted rounded-md border border-dashed p-6">
        The browser cannot show this. It may be damaged, or of a kind that this browser does not know.
      </p>
    )
  if (!isAsked)
    return (
      <div className="border-line rounded-md border border-dashed p-6">
        <Button onClick={() => setAsked(true)}>Show the picture</Button>
      </div>
    )
  if (kind === 'image')
    return (
      <img
        src={src}
        alt={name}
        onError={onError}
        className="border-line bg-sunken max-h-[60dvh] max-w-full self-start rounded-md border object-contain"
      />
    )
  // What people upload has no captions of its own.
  const Element = kind
  return (
    <Element
      src={src}
      controls
      preload="metadata"
      aria-label={name}
      onError={onError}
      className={kind === 'video' ? 'max-h-[60dvh] w-full rounded-md' : 'w-full'}
    />
  )
}
