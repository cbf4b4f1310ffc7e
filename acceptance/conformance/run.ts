import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { runCases } from './run-cases.ts'
import { renderMarkdown, renderTerminal } from './report.ts'

const usage = `npm run conformance -- --api URL [--uploads URL] [--gateway URL] --jwt JWT [--out NAME]

Asks a server what programs written for Pinata rely on, prints a table, and writes NAME.json and NAME.md
(conformance.json and conformance.md). Whatever it makes it removes. PINATA_JWT is the JWT where --jwt is left out; it
wants an admin key. Exit code 0: everything is as expected; 1: something is not, be it promised by Pinyon only.

  against this server   --api http://127.0.0.1:8400 --gateway http://127.0.0.1:8480
  against Pinata        --api https://api.pinata.cloud --uploads https://uploads.pinata.cloud --gateway https://YOURS.mypinata.cloud
`

const { values } = parseArgs({
  options: {
    api: { type: 'string' },
    uploads: { type: 'string' },
    gateway: { type: 'string' },
    jwt: { type: 'string' },
    out: { type: 'string', default: 'conformance' },
    help: { type: 'boolean' },
  },
})
const jwt = values.jwt ?? process.env['PINATA_JWT']
if (values.help === true || values.api === undefined || jwt === undefined) {
  process.stderr.write(usage)
  process.exit(values.help === true ? 0 : 2)
}
const bare = (url: string) => url.replace(/\/+$/, '')
const report = await runCases({
  api: bare(values.api),
  uploads: bare(values.uploads ?? values.api),
  gateway: bare(values.gateway ?? values.api),
  jwt,
})
process.stdout.write(`${renderTerminal(report)}\n`)
await writeFile(`${values.out}.json`, `${JSON.stringify(report, null, 2)}\n`)
await writeFile(`${values.out}.md`, renderMarkdown(report))
process.exitCode = report.rows.every(({ ok }) => ok) && report.left.length === 0 ? 0 : 1
