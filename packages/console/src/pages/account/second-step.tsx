import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { totpQuery } from '../../api/totp.ts'
import { BeginTotp } from '../../forms/begin-totp.tsx'
import { ChangeTotp } from '../../forms/change-totp.tsx'
import { formatDay } from '../../lib/format-time.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Button } from '../../ui/button.tsx'
import { Late } from '../../ui/late.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'

/** So few are left that new ones should be made. */
const few = 3

/** Whether signing in takes a code besides the password, and the ways to change that. */
export function SecondStep() {
  const { data, error, refetch } = useQuery(totpQuery)
  const [isBeginning, setBeginning] = useState(false)
  const [deed, setDeed] = useState<'off' | 'codes'>()
  return (
    <Section
      title="Second step"
      lead="A code of an authenticator app besides the password: who learns the password cannot sign in. API keys are not concerned."
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Late />}
      {data?.enabledAt === null && (
        <div className="flex flex-col items-start gap-3">
          <p>Off. The password alone signs you in.</p>
          <Button onClick={() => setBeginning(true)}>Use an authenticator app</Button>
        </div>
      )}
      {typeof data?.enabledAt === 'string' && (
        <div className="flex flex-col items-start gap-3">
          <p>
            On since {formatDay(data.enabledAt)}. {data.recoveryCodesLeft} of 10 recovery codes are left.
          </p>
          {data.recoveryCodesLeft <= few && (
            <Notice tone="warn">
              <p>Make new recovery codes before the last is used.</p>
            </Notice>
          )}
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setDeed('codes')}>New recovery codes</Button>
            <Button look="danger" onClick={() => setDeed('off')}>
              Turn off
            </Button>
          </div>
        </div>
      )}
      <BeginTotp isOpen={isBeginning} onClose={() => setBeginning(false)} />
      <ChangeTotp deed={deed} onClose={() => setDeed(undefined)} />
    </Section>
  )
}
