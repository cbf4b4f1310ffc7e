import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Download, FolderInput, Pencil, PinOff, Share2 } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { contentUrl, type File, fileQuery } from '../../api/files.ts'
import { EditKeyvalues } from '../../forms/edit-keyvalues.tsx'
import { ShareFile } from '../../forms/share-file.tsx'
import { MoveFiles } from '../../forms/move-files.tsx'
import { RenameFile } from '../../forms/rename-file.tsx'
import { UnpinFiles } from '../../forms/unpin-files.tsx'
import { type FileSearch, paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Kept } from '../../shell/kept.tsx'
import { Spellings } from '../../shell/spellings.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Pairs } from '../../ui/facts.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Facts } from './facts.tsx'
import { Folder } from './folder.tsx'
import { Links } from './links.tsx'
import { Preview } from './preview.tsx'
import { Receipt } from './receipt.tsx'

const route = getRouteApi('/signed-in/files/$id')

/** One file: what it is, where it can be read, and what can be done with it. */
export function FilePage() {
  const { id } = route.useParams()
  const search: FileSearch = route.useSearch()
  const { data: file, error, refetch } = useQuery(fileQuery(id))
  if (file !== undefined) {
    return (
      <Kept error={error} onRetry={() => void refetch()}>
        <Shown file={file} search={search} />
      </Kept>
    )
  }
  return (
    <Page title="File">
      {error === null ? <Waiting /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
    </Page>
  )
}

function Shown({ file, search }: { readonly file: File; readonly search: FileSearch }) {
  const [doing, setDoing] = useState<'rename' | 'move' | 'keyvalues' | 'unpin' | 'share'>()
  const navigate = useNavigate()
  const close = () => setDoing(undefined)
  const isFolder = file.mime_type === 'directory'
  return (
    <Page
      title={file.name ?? file.cid}
      lead={
        <>
          <Badge tone={file.network === 'public' ? 'accent' : 'plain'}>
            {file.network === 'public' ? 'Public' : 'Private'}
          </Badge>
          {file.taken_down !== undefined && (
            <>
              {' '}
              <Badge tone="danger">Taken down</Badge> Nobody can read it here. The operator says:{' '}
              <bdi>{file.taken_down.reason}</bdi>
            </>
          )}
        </>
      }
      actions={
        <>
          <ApiCall curl={toCurl(routes.filesGet, { params: { network: file.network, id: file.id } })} />
          <Button asChild>
            <a href={isFolder ? `${contentUrl(file.id, '')}?format=car` : contentUrl(file.id, '')} download>
              <Download />
              {isFolder ? 'Download as CAR' : 'Download'}
            </a>
          </Button>
          {file.network === 'private' && (
            <Button onClick={() => setDoing('share')}>
              <Share2 />
              Share
            </Button>
          )}
          <Button onClick={() => setDoing('rename')}>
            <Pencil />
            Rename
          </Button>
          <Button onClick={() => setDoing('move')}>
            <FolderInput />
            Move to group
          </Button>
          <Button look="danger" onClick={() => setDoing('unpin')}>
            <PinOff />
            Unpin
          </Button>
        </>
      }
    >
      {isFolder ? (
        <Folder file={file} path={search.path ?? ''} entry={search.entry} />
      ) : (
        <Preview file={file} path="" sizeBytes={file.size} />
      )}
      <div className="grid gap-8 lg:grid-cols-[minmax(0,6fr)_minmax(0,7fr)] [&>*]:min-w-0">
        <div className="flex flex-col gap-8">
          <Section title="Links">
            <Links file={file} />
          </Section>
          <Section
            title="Key-values"
            actions={
              <Button size="small" onClick={() => setDoing('keyvalues')}>
                <Pencil />
                Edit key-values
              </Button>
            }
          >
            <Pairs pairs={file.keyvalues} none="None. With key-values files can be found by what they are for." />
          </Section>
        </div>
        <div className="flex flex-col gap-8">
          <Section title="About it">
            <Facts file={file} />
          </Section>
          <Section title="CID">
            <Spellings cid={file.cid} />
          </Section>
          <Receipt fileId={file.id} />
        </div>
      </div>
      {doing === 'share' && <ShareFile file={file} onClose={close} />}
      {doing === 'rename' && <RenameFile file={file} onClose={close} />}
      {doing === 'move' && <MoveFiles files={[file]} onClose={close} />}
      {doing === 'keyvalues' && <EditKeyvalues file={file} onClose={close} />}
      {doing === 'unpin' && (
        <UnpinFiles
          files={[file]}
          onClose={close}
          onUnpinned={() => void navigate(paths.filesBy({ network: file.network }))}
        />
      )}
    </Page>
  )
}
