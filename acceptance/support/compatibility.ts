import type { ClientProgram, ClientStep } from './clients.ts'

/** A client and what came of each of its operations. */
export interface ClientResult {
  readonly client: ClientProgram
  readonly steps: readonly ClientStep[]
}

const words = { works: 'works', refused: '501, in words', fails: '**fails**' } as const

/** The page `docs/compatibility.md`: client, operation, result. */
export function renderCompatibility(results: readonly ClientResult[]): string {
  const lines = [
    '# Compatibility',
    '',
    'Each published client, unmodified, does every operation it has against this server, and its answers are checked. This page is written by that',
    'run (`acceptance/compatibility.test.ts`), and the test fails when the two differ: `npm run compatibility` writes it anew.',
    '"501, in words": this server does not have it and says so, rather than pretend.',
    '',
    '| client | what is changed | works | 501 | fails |',
    '| --- | --- | --- | --- | --- |',
    ...results.map(({ client, steps }) => {
      const count = (outcome: ClientStep['outcome']) => steps.filter((step) => step.outcome === outcome).length
      return `| ${client.name} | ${client.change} | ${count('works')} | ${count('refused')} | ${count('fails')} |`
    }),
    '',
    'Beside them: cURL, Node with axios, Python with requests, Go with net/http (`acceptance/four-programs.test.ts`); Kubo’s client library, Helia and the',
    'official checker of the Pinning Services API (`acceptance/pinning-service.test.ts`).',
  ]
  for (const { client, steps } of results)
    lines.push(
      '',
      `## ${client.name}`,
      '',
      '| operation | result |',
      '| --- | --- |',
      ...steps.map(({ operation, outcome }) => `| \`${operation}\` | ${words[outcome]} |`),
    )
  return `${lines.join('\n')}\n`
}
