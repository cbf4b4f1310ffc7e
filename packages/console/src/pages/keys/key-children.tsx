import { describePermissions } from '@pinyon/contract/describe-permissions.ts'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type KeyDetail, keyChildrenQuery } from '../../api/keys.ts'
import { useNow } from '../../lib/use-now.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { KeyState } from './key-state.tsx'
import { Uses } from './uses.tsx'

/** The keys below a key, each under its parent; nothing where there are none. */
export function KeyChildren({ keyDetail: { id, depth } }: { readonly keyDetail: KeyDetail }) {
  const { data, error, refetch } = useQuery(keyChildrenQuery(id))
  const now = useNow()
  if (data === undefined) return error === null ? null : <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data.keys.length === 0) return null
  return (
    <Section
      title="Children"
      lead="Keys that were made with this one. They end with it."
      actions={
        <Link {...paths.keysBy({ within: id })} className="text-accent underline">
          Show in the list
        </Link>
      }
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      <Table
        label="Children"
        head={
          <>
            <Th>Name</Th>
            <Th>Permissions</Th>
            <Th>Uses</Th>
            <Th>State</Th>
          </>
        }
      >
        {inOrder(data.keys, id).map((key) => (
          <tr key={key.id}>
            <th scope="row" className="max-w-64 min-w-36 px-3 py-2 text-left align-middle font-medium">
              <span className="flex gap-2">
                {key.depth > depth + 1 && (
                  <span aria-hidden className="text-muted">
                    {'└ '.repeat(key.depth - depth - 1)}
                  </span>
                )}
                <Link {...paths.key(key.id)} dir="auto" title={key.name} className="block truncate hover:underline">
                  {key.name}
                </Link>
              </span>
            </th>
            <Td className="min-w-40">{describePermissions(key.permissions)}</Td>
            <Td>
              <Uses {...key} />
            </Td>
            <Td>
              <KeyState keyDetail={key} now={now} />
            </Td>
          </tr>
        ))}
      </Table>
      {data.nextPageToken !== null && (
        <p className="text-muted">These are the newest of them. ./pinyon keys tree shows all.</p>
      )}
    </Section>
  )
}

/** Each key before those below it. */
function inOrder(keys: readonly KeyDetail[], parentId: string): KeyDetail[] {
  return keys.filter((key) => key.parentId === parentId).flatMap((key) => [key, ...inOrder(keys, key.id)])
}
