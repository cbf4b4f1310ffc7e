import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { type ComponentProps, useState } from 'react'
import { setUpStateQuery } from '../api/set-up.ts'
import { KeyShown } from '../forms/key-shown.tsx'
import { SetUpForm } from '../forms/set-up-form.tsx'
import { forgetFragmentToken, useFragmentToken } from '../lib/fragment-token.ts'
import { paths } from '../paths.ts'
import { Doorstep } from '../shell/doorstep.tsx'
import { ErrorPanel } from '../shell/error-panel.tsx'
import { Insecure } from '../shell/insecure.tsx'
import { Button } from '../ui/button.tsx'

/** The first start: owner, account, network, and the first key. Loaded again in the middle, it says where things stand. */
export function SetUpPage() {
  const token = useFragmentToken()
  const navigate = useNavigate()
  const state = useQuery(setUpStateQuery)
  const [created, setCreated] = useState<ComponentProps<typeof KeyShown>['created']>()
  if (created !== undefined) {
    return (
      <Doorstep title="Set up" lead="Done. Your first key may do everything on this server.">
        <KeyShown
          created={created}
          name="Set-up key"
          onDone={() => {
            setCreated(undefined)
            void navigate({ ...paths.files, replace: true })
          }}
        />
      </Doorstep>
    )
  }
  if (state.isError) {
    return (
      <Doorstep title="Set up">
        <ErrorPanel error={state.error} onRetry={() => void state.refetch()} />
      </Doorstep>
    )
  }
  if (state.data?.done === true) {
    return (
      <Doorstep
        title="Set up already"
        lead="This server has its owner. The first key was shown then; if nobody wrote it down, revoke it under Keys and make another."
      >
        <Button asChild look="primary">
          <Link {...paths.signIn}>Sign in</Link>
        </Button>
      </Doorstep>
    )
  }
  return (
    <Doorstep title="Set up" lead="Make this server yours. It takes less than a minute.">
      <Insecure />
      {state.data !== undefined && (
        <SetUpForm
          token={token}
          onDone={(key) => {
            forgetFragmentToken()
            setCreated(key)
          }}
        />
      )}
    </Doorstep>
  )
}
