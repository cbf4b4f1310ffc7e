import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { File as FileIcon, Folder as FolderIcon } from 'lucide-react'
import { Fragment } from 'react'
import { contentUrl, type File, folderQuery } from '../../api/files.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { shorten } from '../../lib/shorten.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Button } from '../../ui/button.tsx'
import { Mono } from '../../ui/code.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Preview } from './preview.tsx'

interface FolderProps {
  readonly file: File
  /** The folder in it that is shown; the root when empty. */
  readonly path: string
  /** A file in that folder, shown in its place. */
  readonly entry: string | undefined
}

/** A folder: what lies in it, and the way down and back up. */
export function Folder({ file, path, entry }: FolderProps) {
  const below = [...(path === '' ? [] : path.split('/')), ...(entry === undefined ? [] : [entry])]
  const name = file.name ?? file.cid
  return (
    <div className="flex flex-col gap-3">
      {below.length > 0 && (
        <nav aria-label="Folders" className="flex flex-wrap items-center gap-1">
          <Link {...paths.file(file.id)} dir="auto" className="text-accent break-all hover:underline">
            {name}
          </Link>
          {below.map((segment, index) => (
            <Fragment key={below.slice(0, index + 1).join('/')}>
              <span aria-hidden className="text-muted">
                /
              </span>
              {index === below.length - 1 ? (
                <span aria-current="location" dir="auto" className="break-all">
                  {segment}
                </span>
              ) : (
                <Link
                  {...paths.fileAt(file.id, { path: below.slice(0, index + 1).join('/') })}
                  dir="auto"
                  className="text-accent break-all hover:underline"
                >
                  {segment}
                </Link>
              )}
            </Fragment>
          ))}
        </nav>
      )}
      {entry === undefined ? <Entries file={file} path={path} /> : <Entry file={file} path={below.join('/')} />}
    </div>
  )
}

function Entry({ file, path }: { readonly file: File; readonly path: string }) {
  return (
    <>
      <Preview file={file} path={path} sizeBytes={null} />
      <div>
        <Button asChild>
          <a href={contentUrl(file.id, path)} download>
            Download
          </a>
        </Button>
      </div>
    </>
  )
}

function Entries({ file, path }: { readonly file: File; readonly path: string }) {
  const folder = useInfiniteQuery({
    queryKey: ['files', 'folder', file.id, path],
    queryFn: ({ pageParam, client }) => client.fetchQuery(folderQuery(file.id, path, pageParam)),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: Infinity, // content never changes
  })
  const { data, error, hasNextPage, isFetchingNextPage } = folder
  if (error !== null && data === undefined) return <ErrorPanel error={error} onRetry={() => void folder.refetch()} />
  const entries = data?.pages.flatMap((page) => page.entries) ?? []
  if (data !== undefined && entries.length === 0) return <p className="text-muted">This folder is empty.</p>
  return (
    <>
      <Table
        label="Content of the folder"
        head={
          <>
            <Th>Name</Th>
            <Th className="text-right">Size</Th>
            <Th className="hidden md:table-cell">CID</Th>
          </>
        }
      >
        {entries.map(({ name, cid, kind, size }) => (
          <tr key={name} className="[contain-intrinsic-size:auto_37px] [content-visibility:auto]">
            <Td>
              <span className="flex items-center gap-2 [&_svg]:size-4 [&_svg]:shrink-0">
                {kind === 'folder' ? <FolderIcon aria-label="Folder" /> : <FileIcon aria-hidden />}
                <EntryLink file={file} path={path} name={name} kind={kind} />
              </span>
            </Td>
            <Td className="text-right whitespace-nowrap">{size === null ? '' : formatBytes(size)}</Td>
            <Td className="hidden whitespace-nowrap md:table-cell">
              <Mono title={cid}>{shorten(cid)}</Mono> <CopyButton text={cid} label={`Copy CID of ${name}`} />
            </Td>
          </tr>
        ))}
      </Table>
      {hasNextPage && (
        <div>
          <Button isBusy={isFetchingNextPage} onClick={() => void folder.fetchNextPage()}>
            Show more
          </Button>
        </div>
      )}
    </>
  )
}

interface EntryLinkProps {
  readonly file: File
  readonly path: string
  readonly name: string
  readonly kind: 'file' | 'folder' | 'other'
}

function EntryLink({ file, path, name, kind }: EntryLinkProps) {
  // Names with a slash can be made by hand, and no path leads to them.
  if (kind === 'other' || name === '' || name.includes('/')) return <span dir="auto">{name}</span>
  const to =
    kind === 'folder'
      ? { path: path === '' ? name : `${path}/${name}` }
      : { ...(path === '' ? {} : { path }), entry: name }
  return (
    <Link {...paths.fileAt(file.id, to)} dir="auto" className="break-all hover:underline">
      {name}
    </Link>
  )
}
