import { Button } from '../ui/button.tsx'
import { Code } from '../ui/code.tsx'
import { Actions } from '../ui/dialog.tsx'

interface RecoveryCodesProps {
  readonly codes: readonly string[]
  readonly onDone: () => void
}

/** Recovery codes, shown once. */
export function RecoveryCodes({ codes, onDone }: RecoveryCodesProps) {
  return (
    <>
      <p>
        Keep these codes where you do not keep the app. Each signs you in once when the app is gone. They are shown only
        now.
      </p>
      <Code text={codes.join('\n')} label="recovery codes" />
      <Actions>
        <Button look="primary" onClick={onDone}>
          I have kept them
        </Button>
      </Actions>
    </>
  )
}
