import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { refreshTotp } from '../api/totp.ts'
import { Button } from '../ui/button.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { FormError } from './form-error.tsx'
import { RecoveryCodes } from './recovery-codes.tsx'
import { noProof, TotpProof } from './totp-proof.tsx'

interface ChangeTotpProps {
  /** Undefined: the dialog is closed. */
  readonly deed: 'off' | 'codes' | undefined
  readonly onClose: () => void
}

/** Turns the second step off, or makes new recovery codes: both want password and code. */
export function ChangeTotp({ deed, onClose }: ChangeTotpProps) {
  return (
    <Dialog
      isOpen={deed !== undefined}
      onClose={onClose}
      title={deed === 'codes' ? 'New recovery codes' : 'Sign in without a code'}
    >
      {deed !== undefined && <Body deed={deed} onClose={onClose} />}
    </Dialog>
  )
}

function Body({ deed, onClose }: { readonly deed: 'off' | 'codes'; readonly onClose: () => void }) {
  const [proof, setProof] = useState(noProof)
  const change = useMutation({
    async mutationFn(): Promise<readonly string[]> {
      if (deed === 'codes') return (await client.call(routes.totpRecoveryCodes, { body: proof })).recoveryCodes
      await client.call(routes.totpOff, { body: proof })
      return []
    },
    gcTime: 0,
    async onSuccess() {
      await refreshTotp()
      if (deed === 'off') onClose()
    },
  })
  if (change.data !== undefined && deed === 'codes') return <RecoveryCodes codes={change.data} onDone={onClose} />
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (!change.isPending) change.mutate()
      }}
    >
      <p>
        {deed === 'codes'
          ? 'You get ten new codes; those of before end.'
          : 'From then on the password alone signs you in. Recovery codes end.'}
      </p>
      <TotpProof proof={proof} onChange={setProof} />
      {change.isError && <FormError error={change.error} />}
      <Actions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look={deed === 'off' ? 'danger' : 'primary'} isBusy={change.isPending}>
          {deed === 'codes' ? 'Make new codes' : 'Turn off'}
        </Button>
      </Actions>
    </form>
  )
}
