import { Link } from '@tanstack/react-router'
import { Folder, File as FileIcon, Pause, Play, RotateCw, X } from 'lucide-react'
import { memo } from 'react'
import { explain } from '../api/explain.ts'
import { useWhoami } from '../api/session.ts'
import { formatBytes } from '../lib/format-bytes.ts'
import { plural } from '../lib/plural.ts'
import { paths } from '../paths.ts'
import { isResumable } from '../uploads/send-resumable.ts'
import { CannotSend } from '../uploads/send-upload.ts'
import { isActive, isUnfinished, sentBytesOf, type Upload } from '../uploads/upload.ts'
import { uploadQueue } from '../uploads/upload-queue.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy.tsx'
import { Progress } from '../ui/progress.tsx'
import { ChooseAgain } from './choose-again.tsx'

interface UploadRowProps {
  readonly upload: Upload
  readonly top: number
  readonly height: number
  readonly position: number
  readonly count: number
}

/** One upload: its name, where it is, and what can be done about it. */
export const UploadRow = memo(function UploadRow({ upload, top, height, position, count }: UploadRowProps) {
  const { id, title, isFolder, state, sizeBytes } = upload
  return (
    <li
      aria-posinset={position}
      aria-setsize={count}
      className="absolute inset-x-0 top-0 flex items-center gap-3 px-4"
      style={{ transform: `translateY(${top}px)`, height }}
    >
      {isFolder ? (
        <Folder aria-hidden className="size-4 shrink-0" />
      ) : (
        <FileIcon aria-hidden className="size-4 shrink-0" />
      )}
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        {state.kind === 'done' ? (
          <Link {...paths.file(state.file.id)} dir="auto" title={title} className="truncate text-left underline">
            {title}
          </Link>
        ) : (
          <span dir="auto" title={title} className="truncate text-left">
            {title}
          </span>
        )}
        {isUnfinished(upload) && state.kind !== 'queued' && (
          <Progress label={title} share={state.kind === 'waiting' ? 0 : sentBytesOf(upload) / Math.max(1, sizeBytes)} />
        )}
        <Where upload={upload} />
      </div>
      {state.kind === 'done' && <CopyPlace file={state.file} />}
      {(state.kind === 'failed' || state.kind === 'cancelled') && (
        <Button
          look="quiet"
          size="icon"
          aria-label={`Retry ${title}`}
          title="Retry"
          onClick={() => uploadQueue.retry(id)}
        >
          <RotateCw />
        </Button>
      )}
      {isActive(upload) && state.kind !== 'storing' && isResumable(upload) && (
        <Button
          look="quiet"
          size="icon"
          aria-label={`Pause ${title}`}
          title="Pause"
          onClick={() => uploadQueue.pause(id)}
        >
          <Pause />
        </Button>
      )}
      {state.kind === 'paused' && (
        <Button
          look="quiet"
          size="icon"
          aria-label={`Resume ${title}`}
          title="Resume"
          onClick={() => uploadQueue.resume(id)}
        >
          <Play />
        </Button>
      )}
      {state.kind === 'fileMissing' && <ChooseAgain upload={upload} />}
      {isUnfinished(upload) && (
        <Button
          look="quiet"
          size="icon"
          aria-label={`Cancel ${title}`}
          title="Cancel"
          onClick={() => uploadQueue.cancel(id)}
        >
          <X />
        </Button>
      )}
    </li>
  )
})

/** A link for a public file; a private one is named by its CID. */
function CopyPlace({ file }: { readonly file: { readonly cid: string; readonly network: string } }) {
  const { urls } = useWhoami()
  return file.network === 'public' ? (
    <CopyButton text={`${urls.gateway}/ipfs/${file.cid}`} label="Copy link" />
  ) : (
    <CopyButton text={file.cid} label="Copy CID" />
  )
}

function Where({ upload }: { readonly upload: Upload }) {
  const { state } = upload
  if (state.kind === 'failed') {
    const { message, code } = wordsOf(state.error)
    return (
      <span role="alert" title={message} className="text-danger text-xs line-clamp-2">
        {message} {code !== undefined && <code className="font-mono">{code}</code>}
      </span>
    )
  }
  if (state.kind === 'fileMissing' && state.why !== undefined) {
    return (
      <span role="alert" title={state.why} className="text-danger text-xs line-clamp-2">
        {state.why} Nothing of it was sent.
      </span>
    )
  }
  return (
    <span title={textOf(upload)} className="text-muted tabular truncate text-xs">
      {textOf(upload)}
    </span>
  )
}

function textOf({ state, sizeBytes, parts, isFolder, unfinished, network }: Upload): string {
  const size = isFolder
    ? `${plural(unfinished?.files ?? parts.length, 'file')}, ${formatBytes(sizeBytes)}`
    : formatBytes(sizeBytes)
  switch (state.kind) {
    case 'queued':
      return `${size} · waits for its turn`
    case 'sending':
      return `${formatBytes(state.sentBytes)} of ${size} · ${network}`
    case 'storing':
      return `${size} sent · the server is checking and storing it`
    case 'waiting':
      return `${size} · waits for the server`
    case 'paused':
      return `${formatBytes(state.sentBytes)} of ${size} · paused`
    case 'fileMissing':
      return `Choose the ${isFolder ? 'folder' : 'file'} again to go on · ${formatBytes(state.sentBytes)} of ${size}`
    case 'done':
      return state.file.is_duplicate === true ? `${size} · was here already` : `${size} · ${network}, done`
    case 'cancelled':
      return `${size} · cancelled, nothing was kept`
    case 'failed':
      return ''
  }
}

function wordsOf(error: unknown): { message: string; code?: string | undefined } {
  return error instanceof CannotSend ? { message: error.message } : explain(error)
}
