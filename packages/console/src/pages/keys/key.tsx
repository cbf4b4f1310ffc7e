import { normalisePermissions } from '@pinyon/contract/permissions.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Ban, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { type KeyDetail, keyQuery } from '../../api/keys.ts'
import { opens } from '../../api/permission-tree.ts'
import { useSession } from '../../api/session.ts'
import { describeBounds } from '../../forms/bounds-draft.ts'
import { KeyAbilities } from '../../forms/key-abilities.tsx'
import { PermissionTree } from '../../forms/permission-tree.tsx'
import { RegenerateKey } from '../../forms/regenerate-key.tsx'
import { RevokeKey } from '../../forms/revoke-key.tsx'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Forbidden } from '../../shell/forbidden.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { KeyChildren } from './key-children.tsx'
import { KeyFacts } from './key-facts.tsx'
import { KeyAdvice, KeyRefusals } from './key-told.tsx'
import { KeyUses } from './key-uses.tsx'

const route = getRouteApi('/signed-in/keys/$id')

/** One key: what it may do, what became of it, and how it is renewed or ended. */
export function KeyPage() {
  const { data: key, error, refetch } = useQuery(keyQuery(route.useParams().id))
  const isMember = useSession().account.role === 'member'
  if (key !== undefined) return <OneKey keyDetail={key} error={error} />
  return (
    <Page title="API key">
      {isMember ? (
        <Forbidden permission="keys.get">An owner of this account can make you an owner too.</Forbidden>
      ) : (
        error !== null && (
          <>
            <ErrorPanel error={error} onRetry={() => void refetch()} />
            <div>
              <Button asChild>
                <Link {...paths.keys}>All API keys</Link>
              </Button>
            </div>
          </>
        )
      )}
    </Page>
  )
}

function OneKey({ keyDetail: key, error }: { readonly keyDetail: KeyDetail; readonly error: unknown }) {
  const [asked, setAsked] = useState<'regenerate' | 'revoke'>()
  const close = () => setAsked(undefined)
  const granted = normalisePermissions(key.permissions)
  const isRevoked = key.state === 'revoked' && 'It is revoked, and that cannot be taken back. Make a new key.'
  return (
    <Page
      title={key.name}
      actions={
        <>
          <ApiCall curl={toCurl(routes.keysGet, { params: { id: key.id } })} />
          <Button onClick={() => setAsked('regenerate')} disabledBecause={isRevoked}>
            <RefreshCw />
            Regenerate
          </Button>
          <Button look="danger" onClick={() => setAsked('revoke')} disabledBecause={isRevoked}>
            <Ban />
            Revoke
          </Button>
        </>
      }
    >
      {error !== null && <ErrorPanel error={error} />}
      <KeyFacts keyDetail={key} />
      <Section title="What this key can and cannot do">
        <KeyAbilities granted={granted} limits={describeBounds(key.bounds)} />
      </Section>
      <KeyChildren keyDetail={key} />
      <KeyUses id={key.id} />
      <KeyRefusals id={key.id} />
      <KeyAdvice id={key.id} />
      <Section title="Endpoints">
        <PermissionTree isOn={(scope) => opens(granted, scope)} />
      </Section>
      {asked === 'regenerate' && <RegenerateKey keyDetail={key} onClose={close} />}
      {asked === 'revoke' && <RevokeKey keyDetail={key} onClose={close} />}
    </Page>
  )
}
