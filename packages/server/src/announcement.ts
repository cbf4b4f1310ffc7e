import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { App } from './app.ts'
import type { Config } from './config/config.ts'

/**
 * What a person needs to go on, as it is printed once the program runs. The one-time link sets up whoever opens it, so it
 * is shown on a terminal only, where a person reads it and nobody keeps it; elsewhere the file that holds the token is named.
 */
export function renderAnnouncement({
  roles,
  apiUrl,
  gatewayUrl,
  localUrl = apiUrl,
  setup,
  isTerminal,
}: {
  readonly roles: Config['roles']
  readonly apiUrl: string
  readonly gatewayUrl: string
  /** Where the API is on this machine, when others reach it under another address. */
  readonly localUrl?: string
  readonly setup: App['setup']
  readonly isTerminal: boolean
}): string {
  const isWhole = roles.includes('api') && roles.includes('gateway') && roles.includes('worker')
  const lines = ['', isWhole ? '  Pinyon is running.' : `  Pinyon is running: ${roles.join(', ')}.`, '']
  if (roles.includes('api')) {
    lines.push(`  Console    ${apiUrl}`, `  API        ${apiUrl}      reference: ${apiUrl}/docs`)
  }
  if (roles.includes('gateway')) lines.push(`  Gateway    ${gatewayUrl}/ipfs/{cid}`)
  if (setup !== undefined) {
    // In the fragment, which browsers do not send.
    if (isTerminal) {
      lines.push('', '  Not set up yet. Open this link, which works once:', '')
      lines.push(`    ${apiUrl}/setup#token=${setup.token}`)
      lines.push('', '  or, in another terminal, in this folder:')
    } else lines.push('', '  Not set up yet. In another terminal, in this folder:')
    lines.push('', `    ${setupCommand(localUrl, setup.tokenFile)}`)
    if (setup.tokenFile !== undefined) lines.push('', `  The set-up token is in ${setup.tokenFile}.`)
  }
  return `${lines.join('\n')}\n\n`
}

/** What `./pinyon setup` finds without being told. */
const usual = {
  apiUrl: 'http://127.0.0.1:8400',
  dataDir: join(fileURLToPath(new URL('../../../', import.meta.url)), 'data'),
}

/** The command as it works in a terminal that has none of this process's settings. */
function setupCommand(apiUrl: string, tokenFile: string | undefined): string {
  const words = ['./pinyon setup']
  if (apiUrl !== usual.apiUrl) words.push(`--api ${apiUrl}`)
  if (tokenFile === undefined) words.push('--token "$PINYON_SETUP_TOKEN"')
  else if (dirname(tokenFile) !== usual.dataDir) words.push(`--data-dir ${quoted(dirname(tokenFile))}`)
  return words.join(' ')
}

/** One word for a shell. */
function quoted(text: string): string {
  return /^[\w/.,:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
