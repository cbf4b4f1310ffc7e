import { routes } from '@pinyon/contract/routes.ts'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Upload } from 'lucide-react'
import { useCallback, useMemo, useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type File, type FileFilter, listQueryOf } from '../../api/files.ts'
import { useWhoami } from '../../api/session.ts'
import { BulkFiles } from '../../forms/bulk-files.tsx'
import { MoveFiles } from '../../forms/move-files.tsx'
import { RenameFile } from '../../forms/rename-file.tsx'
import { UnpinFiles } from '../../forms/unpin-files.tsx'
import { copyText } from '../../lib/copy-text.ts'
import type { Selection } from '../../lib/use-selection.ts'
import { type FilesSearch, paths } from '../../paths.ts'
import { openChoosing } from '../../uploads/choosing.ts'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Page } from '../../ui/page.tsx'
import { FileGrid } from './file-grid.tsx'
import type { FileDeed } from './file-menu.tsx'
import { FilterBar } from './filter-bar.tsx'
import { GroupDrop } from './group-drop.tsx'
import { NoFiles, NoMatch } from './no-files.tsx'
import { SelectionBar } from './selection-bar.tsx'

const route = getRouteApi('/signed-in/files')

/** What is being done to files, in a dialog. */
type Doing =
  | { readonly kind: 'rename'; readonly file: File }
  | { readonly kind: 'move'; readonly files: readonly File[]; readonly selection?: Selection<File> }
  | { readonly kind: 'unpin'; readonly files: readonly File[]; readonly selection?: Selection<File> }
  /** With all that match. */
  | {
      readonly kind: 'all'
      readonly deed: 'move' | 'unpin'
      readonly count: number
      readonly selection: Selection<File>
    }
  /** The browser does not let pages copy. */
  | { readonly kind: 'copy'; readonly what: string; readonly text: string }

/** All files of the account. */
export function FilesPage() {
  const search: FilesSearch = route.useSearch()
  const { publicContent, urls } = useWhoami()
  const network = search.network ?? (publicContent === 'refused' ? 'private' : 'public')
  const { q, kv, type, group, order } = search
  const filter = useMemo<FileFilter>(
    () => ({ network, text: q, keyvalues: kv, mimeType: type, group, isOldestFirst: order === 'oldest' }),
    [network, q, kv, type, group, order],
  )
  const [doing, setDoing] = useState<Doing>()
  const [copied, setCopied] = useState('')
  const [dragged, setDragged] = useState<readonly File[]>()
  // Of the list that it was said of, not of another one.
  const [whole, setWhole] = useState<FileFilter>()
  const close = () => setDoing(undefined)
  const beginWith = (kind: 'move' | 'unpin', selection: Selection<File>, count: number | undefined) =>
    setDoing(
      count === undefined
        ? { kind, files: [...selection.rows.values()], selection }
        : { kind: 'all', deed: kind, count, selection },
    )
  const onDeed = useCallback(
    (deed: FileDeed, file: File) => {
      const copy = async (what: string, text: string) => {
        if (await copyText(text)) setCopied(`${what} of ${file.name ?? file.cid} copied`)
        else setDoing({ kind: 'copy', what, text })
      }
      if (deed === 'copy-cid') void copy('CID', file.cid)
      else if (deed === 'copy-link') void copy('Gateway link', `${urls.gateway}/ipfs/${file.cid}`)
      else setDoing(deed === 'rename' ? { kind: deed, file } : { kind: deed, files: [file] })
    },
    [urls.gateway],
  )
  const isNarrowed = [q, kv, type, group].some((each) => each !== undefined)
  // A group belongs to one network, so it is left behind.
  const { group: _group, ...elsewhere } = search
  return (
    <Page
      title="Files"
      actions={
        <>
          <ApiCall curl={toCurl(routes.filesList, { params: { network }, query: listQueryOf(filter) })} />
          <Button look="primary" onClick={openChoosing}>
            <Upload />
            Upload
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-3">
        <nav aria-label="Network" className="border-line flex gap-1 border-b">
          <Tab
            search={{ ...(network === 'public' ? search : elsewhere), network: 'public' }}
            isHere={network === 'public'}
          >
            Public
          </Tab>
          <Tab
            search={{ ...(network === 'private' ? search : elsewhere), network: 'private' }}
            isHere={network === 'private'}
          >
            Private
          </Tab>
          <span role="status" dir="auto" className="text-muted text-table ml-auto truncate self-center">
            {copied}
          </span>
        </nav>
        <FilterBar search={search} network={network} />
        <FileGrid
          key={JSON.stringify(filter)}
          filter={filter}
          onDeed={onDeed}
          onDrag={setDragged}
          onMove={(files) => setDoing({ kind: 'move', files })}
          empty={isNarrowed ? <NoMatch network={network} /> : <NoFiles network={network} />}
          renderChosen={(selection) => (
            <SelectionBar
              selection={selection}
              filter={filter}
              isWhole={whole === filter}
              onWhole={(isWhole) => setWhole(isWhole ? filter : undefined)}
              onMove={(count) => beginWith('move', selection, count)}
              onUnpin={(count) => beginWith('unpin', selection, count)}
            />
          )}
        />
      </div>
      {dragged !== undefined && <GroupDrop files={dragged} network={network} />}
      {doing?.kind === 'rename' && <RenameFile file={doing.file} onClose={close} />}
      {doing?.kind === 'copy' && (
        <Dialog isOpen onClose={close} title={`Copy the ${doing.what}`} description="Press Ctrl or ⌘ and C.">
          <CopyField label={doing.what} value={doing.text} />
        </Dialog>
      )}
      {doing?.kind === 'move' && (
        <MoveFiles files={doing.files} onClose={close} onMoved={() => doing.selection?.clear()} />
      )}
      {doing?.kind === 'all' && (
        <BulkFiles
          filter={filter}
          count={doing.count}
          kind={doing.deed}
          onClose={close}
          onDone={() => {
            setWhole(undefined)
            doing.selection.clear()
          }}
        />
      )}
      {doing?.kind === 'unpin' && (
        <UnpinFiles files={doing.files} onClose={close} onUnpinned={(files) => doing.selection?.remove(files)} />
      )}
    </Page>
  )
}

interface TabProps {
  readonly search: FilesSearch
  readonly isHere: boolean
  readonly children: string
}

function Tab({ search, isHere, children }: TabProps) {
  return (
    <Link
      {...paths.filesBy(search)}
      aria-current={isHere ? 'page' : undefined}
      className="text-muted hover:text-ink aria-[current=page]:border-accent aria-[current=page]:text-ink -mb-px border-b-2 border-transparent px-3 py-2 aria-[current=page]:font-medium"
    >
      {children}
    </Link>
  )
}
