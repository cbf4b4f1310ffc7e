import { outcomeWords } from '../../api/pin-words.ts'
import type { Pin } from '../../api/pins.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { Badge } from '../../ui/badge.tsx'
import { Mono } from '../../ui/code.tsx'
import { Table, Td, Th } from '../../ui/table.tsx'

/** Every source that was asked and every address that was not, with what came of it. */
export function TriedSources({ pin }: { readonly pin: Pin }) {
  if (pin.tried.length === 0) return <p className="text-muted">None so far.</p>
  return (
    <Table
      label="Sources tried"
      head={
        <>
          <Th>Source</Th>
          <Th>Outcome</Th>
          <Th className="max-md:hidden">Detail</Th>
          <Th className="text-right">Blocks</Th>
        </>
      }
    >
      {pin.tried.map(({ source, outcome, detail, blocks }, index) => (
        // A source may be named twice, and the list only grows at its end.
        // oxlint-disable-next-line react/no-array-index-key
        <tr key={index}>
          <Td className="min-w-36">
            <Mono>{source}</Mono>
          </Td>
          <Td>
            <Badge tone={outcomeWords[outcome].tone}>{outcomeWords[outcome].label}</Badge>
            {detail !== null && <span className="mt-1 block wrap-anywhere md:hidden">{detail}</span>}
          </Td>
          <Td className="min-w-48 wrap-anywhere max-md:hidden">{detail ?? ''}</Td>
          <Td className="tabular text-right">{formatNumber(blocks)}</Td>
        </tr>
      ))}
    </Table>
  )
}
