import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { KeyRound, Pencil, Send, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type Name, nameQuery } from '../../api/names.ts'
import { useSession } from '../../api/session.ts'
import { DnsLinkHelp } from '../../forms/dnslink-help.tsx'
import { EditName } from '../../forms/edit-name.tsx'
import { ExportName } from '../../forms/export-name.tsx'
import { PublishName } from '../../forms/publish-name.tsx'
import { RemoveName } from '../../forms/remove-name.tsx'
import { wordsOfSeconds } from '../../lib/words-of-seconds.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Kept } from '../../shell/kept.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyValue, Fact, FactList } from '../../ui/facts.tsx'
import { Late } from '../../ui/late.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { Ago } from '../../ui/time.tsx'
import { NameHistory } from './name-history.tsx'
import { NameState } from './name-state.tsx'

const route = getRouteApi('/signed-in/names/$id')

/** One name: what it leads to, what it led to, the domain that leads to it, and its key. */
export function NamePage() {
  const { id } = route.useParams()
  const { data: name, error, refetch } = useQuery(nameQuery(id))
  if (name !== undefined) {
    return (
      <Kept error={error} onRetry={() => void refetch()}>
        <Shown name={name} />
      </Kept>
    )
  }
  return (
    <Page title="Name">
      {error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Link {...paths.names} className="text-accent underline">
        All names
      </Link>
    </Page>
  )
}

function Shown({ name }: { readonly name: Name }) {
  const navigate = useNavigate()
  const isMember = useSession().account.role === 'member'
  const [asked, setAsked] = useState<'publish' | 'change' | 'export' | 'remove'>()
  const close = () => setAsked(undefined)
  return (
    <Page
      title={name.label}
      actions={
        <>
          <ApiCall curl={toCurl(routes.namesGet, { params: { id: name.id } })} />
          <Button onClick={() => setAsked('change')}>
            <Pencil />
            Change
          </Button>
          <Button look="danger" onClick={() => setAsked('remove')}>
            <Trash2 />
            Remove
          </Button>
          <Button look="primary" onClick={() => setAsked('publish')}>
            <Send />
            Publish
          </Button>
        </>
      }
    >
      {name.warnings.map(({ code, message }) => (
        <Notice key={code} tone="warn">
          <p>{message}</p>
        </Notice>
      ))}
      <FactList>
        <Fact name="Name">
          <CopyValue text={name.name} label="Copy name" />
        </Fact>
        <Fact name="State">
          <NameState name={name} />
        </Fact>
        <Fact name="Leads to">
          {name.value === null ? (
            'Nothing yet: publish a file or a CID.'
          ) : (
            <CopyValue text={name.value} label="Copy what it leads to" />
          )}
        </Fact>
        {name.publishedAt !== null && (
          <Fact name="Published">
            <Ago iso={name.publishedAt} /> as number {name.sequence}
          </Fact>
        )}
        {name.validUntil !== null && (
          <Fact name="Holds">
            until <Ago iso={name.validUntil} />; renewed by itself before that
          </Fact>
        )}
        <Fact name="Readers keep it">
          {wordsOfSeconds(name.ttlSeconds)}: a change may take as long to reach those who read it before
        </Fact>
        <Fact name="Network">{name.network.message}</Fact>
        <Fact name="Address">
          <CopyValue text={name.gatewayUrl} label="Copy address" />
        </Fact>
      </FactList>
      <Section
        title="Your own domain"
        lead="With one TXT record a domain leads to this name (DNSLink), and follows whatever is published."
      >
        <DnsLinkHelp name={name} />
      </Section>
      <Section title="History" lead="What was published under this name, newest first.">
        <NameHistory name={name} />
      </Section>
      <Section
        title="Key"
        lead="Whoever has it publishes under this name, here or in Kubo. It is kept encrypted."
        actions={
          <Button
            disabledBecause={isMember && 'Only owners export keys; ask one of them.'}
            onClick={() => setAsked('export')}
          >
            <KeyRound />
            Export key
          </Button>
        }
      >
        <p>
          {name.keyExportedAt === null ? (
            'It never left this server.'
          ) : (
            <>
              Exported <Ago iso={name.keyExportedAt} />.
            </>
          )}
        </p>
      </Section>
      {asked === 'publish' && <PublishName name={name} onClose={close} />}
      {asked === 'change' && <EditName name={name} onClose={close} />}
      {asked === 'export' && <ExportName name={name} onClose={close} />}
      {asked === 'remove' && <RemoveName name={name} onClose={close} onRemoved={() => void navigate(paths.names)} />}
    </Page>
  )
}
