import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { denylistsQuery } from '../../api/denials.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { plural } from '../../lib/plural.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Late } from '../../ui/late.tsx'
import { Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'
import { Ago } from '../../ui/time.tsx'

/** Denylists in files: what is in force of each, since when, and what is wrong with them. */
export function DenylistsSection() {
  const { data: lists, error, refetch } = useQuery(denylistsQuery)
  return (
    <Section
      title="Denylists"
      lead="Files that the setting PINYON_DENYLISTS names. What they name is neither shown nor taken. A file that changes is read again within half a minute."
      actions={<ApiCall curl={toCurl(routes.denylistsList)} />}
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {lists === undefined && error === null && <Late />}
      {lists?.length === 0 && <p className="text-muted">No file is named.</p>}
      {lists !== undefined && lists.length > 0 && (
        <Table
          label="Denylists"
          head={
            <>
              <Th>List</Th>
              <Th className="text-right">Entries</Th>
              <Th>Read</Th>
              <Th>Wrong</Th>
            </>
          }
        >
          {lists.map(({ file, name, rules, broken, brokenLines, loadedAt, problem }) => (
            <tr key={file}>
              <Td className="min-w-44 [overflow-wrap:anywhere]">
                <bdi className="font-medium">{name}</bdi>
                {name !== file && <bdi className="text-muted block font-mono text-xs">{file}</bdi>}
              </Td>
              <Td className="text-right tabular-nums">{formatNumber(rules)}</Td>
              <Td className="whitespace-nowrap">
                <Ago iso={loadedAt} />
              </Td>
              <Td className="max-w-md min-w-44 [overflow-wrap:anywhere]">
                {problem !== null && <p className="text-danger">{problem} What was read before is in force.</p>}
                {broken > 0 && (
                  <details>
                    <summary>{plural(broken, 'line')} that cannot be followed</summary>
                    <ul>
                      {brokenLines.map(({ line, problem: words }) => (
                        <li key={line}>
                          Line {line}: <bdi>{words}</bdi>
                        </li>
                      ))}
                    </ul>
                  </details>
                )}
                {problem === null && broken === 0 && <span className="text-muted">Nothing</span>}
              </Td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}
