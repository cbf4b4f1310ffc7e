import { useVirtualizer } from '@tanstack/react-virtual'
import { ChevronDown, ChevronUp } from 'lucide-react'
import { useRef, useState } from 'react'
import { formatBytes } from '../lib/format-bytes.ts'
import { formatDuration } from '../lib/format-time.ts'
import { plural } from '../lib/plural.ts'
import type { UploadsSeen } from '../uploads/summarise.ts'
import { uploadQueue } from '../uploads/upload-queue.ts'
import { useUploads } from '../uploads/use-uploads.ts'
import { Button } from '../ui/button.tsx'
import { Progress } from '../ui/progress.tsx'
import { UploadRow } from './upload-row.tsx'

const rowPx = 68

/** The uploads of this tab, on every page: what they come to, and each of them. */
export function UploadDrawer() {
  const seen = useUploads()
  const [isOpen, setOpen] = useState(true)
  const { uploads, unfinished, active, failed, done } = seen
  return (
    <section
      aria-label="Uploads"
      className="bg-surface border-line fixed inset-x-2 bottom-18 z-30 flex flex-col rounded-lg border shadow-xl md:inset-x-auto md:right-4 md:bottom-4 md:w-104"
    >
      <header className="flex flex-col gap-2 px-4 py-3">
        <div className="flex items-center justify-between gap-2">
          <h2 className="font-medium">{titleOf(seen)}</h2>
          {/* Every step would be too much to listen to. */}
          <span role="status" className="sr-only">
            {active === 0 || seen.isWaiting ? titleOf(seen) : ''}
          </span>
          <Button
            look="quiet"
            size="icon"
            aria-label={isOpen ? 'Hide the uploads' : 'Show the uploads'}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {isOpen ? <ChevronDown /> : <ChevronUp />}
          </Button>
        </div>
        {unfinished > 0 && (
          <>
            <Progress label="All uploads" share={seen.share} />
            <p className="text-muted text-table tabular">{speedOf(seen)}</p>
          </>
        )}
      </header>
      {isOpen && (
        <>
          <UploadList seen={seen} />
          <footer className="border-line flex flex-wrap gap-2 border-t px-4 py-2">
            {failed > 0 && (
              <Button size="small" onClick={() => uploadQueue.retryFailed()}>
                Retry failed
              </Button>
            )}
            {unfinished > 1 && (
              <Button size="small" onClick={() => uploadQueue.cancelAll()}>
                Cancel all
              </Button>
            )}
            <Button
              size="small"
              className="ml-auto"
              disabledBecause={unfinished === uploads.length && 'None has ended yet.'}
              onClick={() => uploadQueue.clear()}
            >
              {done === uploads.length ? 'Close' : 'Clear ended'}
            </Button>
          </footer>
        </>
      )}
    </section>
  )
}

function UploadList({ seen: { uploads } }: { readonly seen: UploadsSeen }) {
  const frame = useRef<HTMLDivElement>(null)
  // What it answers is read anew with every draw, and handed on to nobody who remembers it.
  // oxlint-disable-next-line react/incompatible-library
  const virtual = useVirtualizer({
    count: uploads.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowPx,
    overscan: 4,
    useFlushSync: false,
  })
  return (
    <div
      ref={frame}
      tabIndex={0}
      role="group"
      aria-label="Each upload"
      className="border-line max-h-[40dvh] overflow-y-auto border-t"
    >
      <ul className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map(({ index, start }) => {
          const upload = uploads[index]
          return (
            upload !== undefined && (
              <UploadRow
                key={upload.id}
                upload={upload}
                top={start}
                height={rowPx}
                position={index + 1}
                count={uploads.length}
              />
            )
          )
        })}
      </ul>
    </div>
  )
}

function titleOf({ uploads, done, failed, unfinished, active, isWaiting }: UploadsSeen): string {
  if (isWaiting) return 'Waiting for the server'
  if (active > 0) return `Uploading: ${done.toLocaleString()} of ${plural(uploads.length, 'upload')} done`
  if (unfinished > 0) return plural(unfinished, 'unfinished upload')
  if (failed > 0) return `${plural(failed, 'upload')} failed, ${done.toLocaleString()} done`
  return done === 0 ? 'Nothing was uploaded' : `${plural(done, 'upload')} done`
}

function speedOf({ share, bytesPerSecond, secondsLeft, isWaiting }: UploadsSeen): string {
  if (isWaiting) return 'The server does not answer. This goes on by itself as soon as it does.'
  return [
    `${Math.floor(share * 100)} %`,
    bytesPerSecond === undefined ? '' : `${formatBytes(Math.round(bytesPerSecond))}/s`,
    secondsLeft === undefined ? '' : `${formatDuration(secondsLeft)} left`,
  ]
    .filter(Boolean)
    .join(' · ')
}
