import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { useQuery } from '@tanstack/react-query'
import { groupChoicesQuery } from '../api/groups.ts'
import { Field, Select } from '../ui/field.tsx'

interface GroupChoiceProps {
  readonly network: NetworkName
  /** Null: into none. */
  readonly value: string | null
  readonly onChange: (groupId: string | null) => void
}

/** Which group files are put into. */
export function GroupChoice({ network, value, onChange }: GroupChoiceProps) {
  const { data: groups = [] } = useQuery(groupChoicesQuery(network))
  return (
    <Field label="Group" hint="A file leaves the group that it was in. Its CID stays, and so does every link.">
      <Select value={value ?? ''} onChange={({ target }) => onChange(target.value === '' ? null : target.value)}>
        <option value="">No group</option>
        {groups.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  )
}
