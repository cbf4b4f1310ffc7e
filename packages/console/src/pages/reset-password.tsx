import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { ResetPasswordForm } from '../forms/reset-password-form.tsx'
import { forgetFragmentToken, useFragmentToken } from '../lib/fragment-token.ts'
import { paths } from '../paths.ts'
import { Doorstep } from '../shell/doorstep.tsx'
import { Button } from '../ui/button.tsx'

/** A new password by the one-time link that `./pinyon admin reset-password` prints. */
export function ResetPasswordPage() {
  const token = useFragmentToken()
  const [isDone, setDone] = useState(false)
  if (isDone) {
    return (
      <Doorstep title="New password" lead="It is set, and every session you had has ended.">
        <Button asChild look="primary">
          <Link {...paths.signIn}>Sign in</Link>
        </Button>
      </Doorstep>
    )
  }
  if (token === undefined) {
    return (
      <Doorstep
        title="New password"
        lead="The token of the link is missing. Open the whole link again, as you were given it. It works once, within an hour; whoever runs this server makes another with ./pinyon admin reset-password."
      >
        <Button asChild>
          <Link {...paths.signIn}>Sign in instead</Link>
        </Button>
      </Doorstep>
    )
  }
  return (
    <Doorstep title="New password" lead="It ends every session you have. The link works once.">
      <ResetPasswordForm
        token={token}
        onDone={() => {
          forgetFragmentToken()
          setDone(true)
        }}
      />
    </Doorstep>
  )
}
