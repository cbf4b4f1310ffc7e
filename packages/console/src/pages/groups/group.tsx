import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { FileText, Pencil, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type Group, groupQuery } from '../../api/groups.ts'
import { DeleteGroup } from '../../forms/delete-group.tsx'
import { EditGroup } from '../../forms/edit-group.tsx'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Kept } from '../../shell/kept.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyValue, Fact, FactList } from '../../ui/facts.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { GroupFiles } from './group-files.tsx'
import { Readable } from './group-table.tsx'

const route = getRouteApi('/signed-in/groups/$network/$id')

/** One group: what it is called, who may read it, and its newest files. */
export function GroupPage() {
  const { network, id } = route.useParams()
  const { data: group, error, refetch } = useQuery(groupQuery(network, id))
  if (group !== undefined) {
    return (
      <Kept error={error} onRetry={() => void refetch()}>
        <Shown group={group} />
      </Kept>
    )
  }
  return (
    <Page title="Group">
      {error === null ? <Waiting /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
    </Page>
  )
}

function Shown({ group }: { readonly group: Group }) {
  const [doing, setDoing] = useState<'edit' | 'delete'>()
  const navigate = useNavigate()
  const { id, network } = group
  const close = () => setDoing(undefined)
  return (
    <Page
      title={group.name}
      lead={<Readable group={group} />}
      actions={
        <>
          <ApiCall curl={toCurl(routes.groupsGet, { params: { network, id } })} />
          <Button onClick={() => setDoing('edit')}>
            <Pencil />
            Change
          </Button>
          <Button look="danger" onClick={() => setDoing('delete')}>
            <Trash2 />
            Delete
          </Button>
        </>
      }
    >
      <Section
        title="Files"
        actions={
          <Button asChild size="small">
            <Link {...paths.filesBy({ network, group: id })}>
              <FileText />
              All files of this group
            </Link>
          </Button>
        }
      >
        <GroupFiles group={group} />
      </Section>
      <Section title="About it">
        <FactList>
          <Fact name="Network">
            {network === 'public'
              ? 'Public. Anyone on the IPFS network can read its files.'
              : group.is_public
                ? 'Private. Whoever knows the CID of a file in it can read that file at the gateway.'
                : 'Private. Its files are stored here only; read by link.'}
          </Fact>
          <Fact name="Made">{formatDayAndTime(group.created_at)}</Fact>
          <Fact name="Id">
            <CopyValue text={id} label="Copy id" />
          </Fact>
        </FactList>
      </Section>
      {doing === 'edit' && <EditGroup network={network} group={group} onClose={close} />}
      {doing === 'delete' && (
        <DeleteGroup group={group} onClose={close} onDeleted={() => void navigate(paths.groupsBy({ network }))} />
      )}
    </Page>
  )
}
