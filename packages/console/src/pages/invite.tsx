import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ComponentProps, useState } from 'react'
import { inviteQuery, roleWords } from '../api/people.ts'
import { AcceptInviteForm } from '../forms/accept-invite-form.tsx'
import { KeyShown } from '../forms/key-shown.tsx'
import { forgetFragmentToken, useFragmentToken } from '../lib/fragment-token.ts'
import { paths } from '../paths.ts'
import { Doorstep } from '../shell/doorstep.tsx'
import { beginAnew } from '../shell/begun-anew.tsx'
import { ErrorPanel } from '../shell/error-panel.tsx'
import { Insecure } from '../shell/insecure.tsx'
import { Waiting } from '../shell/waiting.tsx'
import { Button } from '../ui/button.tsx'

/** Joining an account by the link that somebody gave. */
export function InvitePage() {
  const token = useFragmentToken()
  const [created, setCreated] = useState<ComponentProps<typeof KeyShown>['created']>()
  // A full load: in this browser somebody else may have been signed in until now.
  const goOn = () => beginAnew({ isNoticed: false })
  if (created !== undefined) {
    return (
      <Doorstep title="You are in" lead="This is the first key of your account. It may do everything there.">
        <KeyShown
          created={created}
          name="First key"
          onDone={() => {
            setCreated(undefined)
            goOn()
          }}
        />
      </Doorstep>
    )
  }
  if (token === undefined) {
    return (
      <Doorstep
        title="Accept invite"
        lead="The token of the invite is missing. Open the whole link again, as you were given it; it ends in #token= and many letters."
      >
        <Button asChild>
          <Link {...paths.signIn}>Sign in instead</Link>
        </Button>
      </Doorstep>
    )
  }
  return (
    <Invite
      token={token}
      onDone={(key) => {
        forgetFragmentToken()
        if (key === undefined) goOn()
        else setCreated(key)
      }}
    />
  )
}

interface InviteProps {
  readonly token: string
  readonly onDone: ComponentProps<typeof AcceptInviteForm>['onDone']
}

function Invite({ token, onDone }: InviteProps) {
  const { data: invite, error, refetch } = useQuery(inviteQuery(token))
  if (error !== null) {
    return (
      <Doorstep title="Accept invite">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
        <p className="text-muted">
          If you accepted it already,{' '}
          <Link {...paths.signIn} className="text-accent underline">
            sign in
          </Link>
          .
        </p>
      </Doorstep>
    )
  }
  if (invite === undefined) {
    return (
      <Doorstep title="Accept invite">
        <Waiting />
      </Doorstep>
    )
  }
  return (
    <Doorstep
      title="Accept invite"
      lead={
        <>
          You are asked to join the account <bdi className="text-ink font-medium">{invite.account.name}</bdi> as{' '}
          {invite.isFirstOwner ? 'its first owner' : invite.role === 'owner' ? 'an owner' : 'a member'}.{' '}
          {roleWords[invite.role].hint}
        </>
      }
    >
      <Insecure />
      <AcceptInviteForm token={token} invite={invite} onDone={onDone} />
    </Doorstep>
  )
}
