import type { ClientProgram, ClientStep } from './clients.ts'

/** A client and what came of each of its operations. */
export interface ClientResult {
  readonly client: Pick<ClientProgram, 'name' | 'change'>
  readonly steps: readonly ClientStep[]
}

const words = ({ outcome, detail }: ClientStep) =>
  outcome === 'works' ? 'works' : outcome === 'refused' ? (detail ?? 'refused') : '**fails**'

/** The page `docs/compatibility.md`: client, operation, result. */
export function renderCompatibility(results: readonly ClientResult[]): string {
  const lines = [
    '# Compatibility',
    '',
    'Each published client, unmodified, does every operation it has against this server, and its answers are checked. This page is written by that',
    'run (`acceptance/compatibility.test.ts`), and the test fails when the two differ: `npm run compatibility` writes it anew.',
    'Refused, in words: this server does not have it, or the client asks for what cannot be, and the answer says so.',
    '',
    '| client | what is changed | works | refused | fails |',
    '| --- | --- | --- | --- | --- |',
    ...results.map(({ client, steps }) => {
      const count = (outcome: ClientStep['outcome']) => steps.filter((step) => step.outcome === outcome).length
      return `| ${client.name} | ${client.change} | ${count('works')} | ${count('refused')} | ${count('fails')} |`
    }),
    '',
    'cURL, axios, requests and net/http send the same requests (`acceptance/clients/plain-operations.json`); Uppy runs in a browser, on a page of another origin.',
    'Beside them: Kubo’s client library, Helia and the official checker of the Pinning Services API (`acceptance/pinning-service.test.ts`); in a browser, on a page of',
    'another origin, the React hook of `pinata`, `tus-js-client` and plain `fetch`, small files and 200 MB (`packages/console/test/front-ends.test.ts`).',
  ]
  for (const { client, steps } of results)
    lines.push(
      '',
      `## ${client.name}`,
      '',
      '| operation | result |',
      '| --- | --- |',
      ...steps.map((step) => `| \`${step.operation}\` | ${words(step)} |`),
    )
  return `${lines.join('\n')}\n`
}
