import type { NetworkName } from '@pinyon/contract/schemas/common.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { groupChoicesQuery, groupQuery } from '../../api/groups.ts'
import { paths } from '../../paths.ts'
import { Field, Select } from '../../ui/field.tsx'
import { FilterChip } from '../../ui/filter-chip.tsx'

interface GroupSelectProps {
  readonly network: NetworkName
  /** An id, `none`, or the empty text. */
  readonly value: string
  readonly onChange: (group: string) => void
}

/** Which group the list is narrowed to. */
export function GroupSelect({ network, value, onChange }: GroupSelectProps) {
  const { data: groups = [] } = useQuery(groupChoicesQuery(network))
  const isKnown = value === '' || value === 'none' || groups.some(({ id }) => id === value)
  return (
    <Field label="Group" isLabelHidden className="max-w-full">
      <Select className="max-w-44" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">Any group</option>
        <option value="none">No group</option>
        {!isKnown && <option value={value}>Another group</option>}
        {groups.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </Select>
    </Field>
  )
}

interface GroupChipProps {
  readonly network: NetworkName
  readonly group: string
  readonly onRemove: () => void
}

/** The group that the list is narrowed to, by its name. */
export function GroupChip({ network, group, onRemove }: GroupChipProps) {
  const { data } = useQuery({ ...groupQuery(network, group), enabled: group !== 'none' })
  const name = group === 'none' ? 'No group' : (data?.name ?? group)
  return (
    <FilterChip name={`the filter ${name}`} onRemove={onRemove}>
      {group === 'none' ? (
        <span>No group</span>
      ) : (
        <Link {...paths.group(network, group)} dir="auto" className="truncate underline">
          Group: {name}
        </Link>
      )}
    </FilterChip>
  )
}
