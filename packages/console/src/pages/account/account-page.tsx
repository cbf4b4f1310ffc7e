import { routes } from '@pinyon/contract/routes.ts'
import { toCurl } from '../../api/curl.ts'
import { useSession } from '../../api/session.ts'
import { ChangePasswordForm } from '../../forms/change-password-form.tsx'
import { useSignOut } from '../../shell/sign-out.ts'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { People } from './people.tsx'
import { SecondStep } from './second-step.tsx'
import { Sessions } from './sessions.tsx'
import { Settings } from './settings.tsx'

/** The account and its people; one's own password and sessions. */
export function AccountPage() {
  const { user, account } = useSession()
  const isOwner = account.role === 'owner'
  const signOut = useSignOut()
  return (
    <Page
      title="Account"
      lead={
        <>
          You are <bdi className="text-ink font-medium">{user.email}</bdi>, {isOwner ? 'an owner' : 'a member'} of{' '}
          <bdi className="text-ink font-medium break-words">{account.name}</bdi>.
        </>
      }
      actions={
        <>
          <ApiCall curl={`${toCurl(routes.accountGet)}\n\n${toCurl(routes.membersList)}`} />
          <Button isBusy={signOut.isPending} onClick={() => signOut.mutate()}>
            Sign out
          </Button>
        </>
      }
    >
      <Settings isOwner={isOwner} />
      <People isOwner={isOwner} ownId={user.id} />
      <Section title="Password" lead="Changing it ends every other session you have.">
        <ChangePasswordForm email={user.email} />
      </Section>
      <SecondStep />
      <Sessions />
    </Page>
  )
}
