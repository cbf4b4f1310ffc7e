import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { settingsQuery } from '../../api/sign-up.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Late } from '../../ui/late.tsx'
import { Section } from '../../ui/page.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'

/** The settings that the server has read. */
export function SettingsSection() {
  const { data, error, refetch } = useQuery(settingsQuery)
  return (
    <Section
      title="Settings in force"
      lead="As the environment gives them to the process that answers; they change with a restart."
      actions={<ApiCall curl={toCurl(routes.settingsInForce)} />}
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Late />}
      {data !== undefined && (
        <Table
          label="Settings in force"
          head={
            <>
              <Th>Setting</Th>
              <Th>Value</Th>
            </>
          }
        >
          {data.settings.map(({ name, value }) => (
            <tr key={name}>
              <Td className="font-mono text-xs whitespace-nowrap">{name}</Td>
              <Td className="min-w-44 font-mono text-xs [overflow-wrap:anywhere]">
                {value}
                {/^\d{7,}$/.test(value) && <span className="text-muted"> ({formatBytes(Number(value))})</span>}
              </Td>
            </tr>
          ))}
        </Table>
      )}
    </Section>
  )
}
