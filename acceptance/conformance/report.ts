import type { Case } from './case.ts'

/** What came of one case. */
export interface Row {
  readonly route: string
  readonly case: string
  readonly expected: string
  readonly got: string
  readonly section: string
  /** Ours alone: not promised by Pinata. */
  readonly ours: boolean
  readonly ok: boolean
}

/** Everything that came of a run. */
export interface Report {
  readonly api: string
  readonly at: string
  readonly rows: readonly Row[]
  /** What the run made and could not remove. */
  readonly left: readonly string[]
}

/** A case and what was got. */
export function rowOf({ route, name, expected, section, isOurs = false }: Case, got: string, ok: boolean): Row {
  return { route, case: name, expected, got, section: `${section.page}; /docs#${section.row}`, ours: isOurs, ok }
}

/** For the terminal: one line a case, what went wrong below it. */
export function renderTerminal({ rows, left }: Report): string {
  const width = Math.max(...rows.map(({ route }) => route.length))
  const lines = rows.flatMap((row) => [
    `${row.ok ? 'ok  ' : 'FAIL'} ${row.route.padEnd(width)}  ${row.case}${row.ours ? ' (ours)' : ''}`,
    ...(row.ok
      ? []
      : [`       expected  ${row.expected}`, `       got       ${row.got}`, `       section   ${row.section}`]),
  ])
  return [...lines, ...left.map((each) => `LEFT ${each}`), '', summary(rows)].join('\n')
}

/** For people who read it later. */
export function renderMarkdown(report: Report): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
  return [
    '# Conformance report',
    '',
    `${report.api}, ${report.at}. ${summary(report.rows)}`,
    '',
    '"Ours": promised by this server only.',
    '',
    '| | route | case | expected | got | section |',
    '| --- | --- | --- | --- | --- | --- |',
    ...report.rows.map(
      (row) =>
        `| ${row.ok ? 'ok' : '**FAIL**'} | \`${row.route}\` | ${cell(row.case)}${row.ours ? ' (ours)' : ''} | ${cell(row.expected)} | ${cell(row.got)} | ${cell(row.section)} |`,
    ),
    ...(report.left.length === 0
      ? []
      : ['', 'Could not be removed:', '', ...report.left.map((each) => `- ${cell(each)}`)]),
    '',
  ].join('\n')
}

function summary(rows: readonly Row[]): string {
  const failed = rows.filter(({ ok }) => !ok)
  const ours = failed.filter((row) => row.ours).length
  return `${rows.length} cases: ${rows.length - failed.length} as expected, ${failed.length} not${ours === 0 ? '' : ` (${ours} of them promised by Pinyon only)`}.`
}
