import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { Choice } from '../ui/choice.tsx'

interface NetworkChoiceProps {
  readonly value: NetworkName
  readonly onChange: (network: NetworkName) => void
  /** Why public cannot be chosen. */
  readonly publicRefused: string | false
}

/** Who may read what is uploaded. */
export function NetworkChoice({ value, onChange, publicRefused }: NetworkChoiceProps) {
  return (
    <Choice
      label="Who can read it"
      value={value}
      onChange={onChange}
      options={[
        { value: 'private', label: 'Private', hint: 'Stored here only; read by link.' },
        {
          value: 'public',
          label: 'Public',
          hint: 'Anyone on the IPFS network can read this.',
          disabledBecause: publicRefused,
        },
      ]}
    />
  )
}
