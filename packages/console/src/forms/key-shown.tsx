import type { AnswerOf } from '@pinyon/contract/client.ts'
import type { routes } from '@pinyon/contract/routes.ts'
import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { saveText } from '../lib/save-text.ts'
import { Button } from '../ui/button.tsx'
import { CopyButton, CopyField } from '../ui/copy.tsx'
import { Actions, Dialog } from '../ui/dialog.tsx'
import { Notice } from '../ui/notice.tsx'
import { KeyTrial, useKeyFacts } from './key-trial.tsx'

interface KeyShownProps {
  /** The three values. The caller keeps them in nothing but its state, and forgets them in `onDone`. */
  readonly created: AnswerOf<typeof routes.keysCreate>
  readonly name: string
  /** The reader is through with them. */
  readonly onDone: () => void
}

/** Shows the three values of a new key, the only time they are seen; asks once before they are left behind uncopied. */
export function KeyShown({ created, name, onDone }: KeyShownProps) {
  const [isKept, setKept] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const facts = useKeyFacts(created.JWT)
  const onCopied = () => setKept(true)
  useEffect(() => {
    if (isKept) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', ask)
    return () => window.removeEventListener('beforeunload', ask)
  }, [isKept])
  return (
    <Dialog
      isOpen
      isWide
      onClose={() => (isKept ? onDone() : setAsking(true))}
      title={
        <>
          API key <bdi>{name}</bdi>
        </>
      }
      description="These three values are shown only now. Write them down; if you lose them, revoke this key and create a new one."
    >
      <CopyField label="Pinata API Key" value={created.pinata_api_key} onCopied={onCopied} />
      <CopyField label="Pinata API Secret" value={created.pinata_api_secret} onCopied={onCopied} />
      <CopyField label="JWT" value={created.JWT} onCopied={onCopied} />
      <div className="flex flex-wrap gap-2">
        <CopyButton text={textOf(created)} label="Copy all" onCopied={onCopied}>
          Copy all
        </CopyButton>
        <Button
          size="small"
          onClick={() => {
            saveText('pinyon.env', envOf(created, facts?.urls ?? { api: location.origin }))
            setKept(true)
          }}
        >
          <Download />
          Download .env
        </Button>
      </div>
      <KeyTrial jwt={created.JWT} facts={facts} />
      {isAsking && !isKept ? (
        <Notice tone="warn" isUrgent>
          <p>
            You have neither copied nor downloaded anything of this key. Once this is closed, nobody can show it again.
          </p>
          <div className="flex flex-wrap gap-2">
            <Button ref={takeFocus} size="small" onClick={() => setAsking(false)}>
              Back to the key
            </Button>
            <Button size="small" look="danger" onClick={onDone}>
              Close without it
            </Button>
          </div>
        </Notice>
      ) : (
        <Actions>
          <Button look="primary" onClick={() => (isKept ? onDone() : setAsking(true))}>
            Done
          </Button>
        </Actions>
      )}
    </Dialog>
  )
}

/** The question stands below what was being looked at: it is gone to, so that it is seen and read out. */
function takeFocus(button: HTMLButtonElement | null): void {
  button?.focus()
}

function textOf({ pinata_api_key, pinata_api_secret, JWT }: KeyShownProps['created']): string {
  return `Pinata API Key: ${pinata_api_key}\nPinata API Secret: ${pinata_api_secret}\nJWT: ${JWT}\n`
}

/** The names that Pinata's examples read, and where this server is. */
function envOf(
  { pinata_api_key, pinata_api_secret, JWT }: KeyShownProps['created'],
  { api, gateway }: { readonly api: string; readonly gateway?: string },
): string {
  const lines = [
    `PINATA_API_KEY=${pinata_api_key}`,
    `PINATA_API_SECRET=${pinata_api_secret}`,
    `PINATA_JWT=${JWT}`,
    `PINYON_API=${api}`,
    ...(gateway === undefined ? [] : [`PINYON_GATEWAY=${gateway}`]),
  ]
  return `${lines.join('\n')}\n`
}
