import { routes } from '@pinyon/contract/routes.ts'
import { Link, useSearch } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState } from 'react'
import { toQuery } from '../../api/accounts.ts'
import { toCurl } from '../../api/curl.ts'
import { useSession } from '../../api/session.ts'
import { CreateAccount } from '../../forms/create-account.tsx'
import { RotateSigningKey } from '../../forms/rotate-signing-key.tsx'
import { paths } from '../../paths.ts'
import { Forbidden } from '../../shell/forbidden.tsx'
import { HealthLine } from '../../shell/health-line.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { AccountList } from './account-list.tsx'
import { DenialsSection } from './denials-section.tsx'
import { DenylistsSection } from './denylists-section.tsx'
import { JoiningSection } from './joining-section.tsx'
import { SettingsSection } from './settings-section.tsx'

/** The accounts of this installation and its state, for operators. */
export function OperatorPage() {
  const { user, account } = useSession()
  const filter = useSearch({ from: '/signed-in/operator' })
  const [isCreating, setCreating] = useState(false)
  if (!user.operator) {
    return (
      <Page title="Operator" lead="The accounts of this installation, and how it is.">
        <Forbidden permission="operator">
          Operators look after the whole installation. Who set this one up is its operator.
        </Forbidden>
      </Page>
    )
  }
  return (
    <Page
      title="Operator"
      lead="The accounts of this installation, and how it is. You see what accounts use, never what is in their private files."
      actions={
        <>
          <ApiCall curl={toCurl(routes.accountsList, { query: toQuery(filter) })} />
          <Button look="primary" onClick={() => setCreating(true)}>
            <Plus />
            New account
          </Button>
        </>
      }
    >
      <HealthLine>
        <Link {...paths.health} className="underline">
          Disks, scrub, queue and node
        </Link>
      </HealthLine>
      <AccountList filter={filter} ownId={account.id} />
      <JoiningSection />
      <DenialsSection />
      <DenylistsSection />
      <Section
        title="Signing key"
        lead="JWTs are signed by it. After a rotation new ones are signed by a new key; JWTs already given stay valid."
      >
        <RotateSigningKey />
      </Section>
      <SettingsSection />
      <CreateAccount isOpen={isCreating} onClose={() => setCreating(false)} />
    </Page>
  )
}
