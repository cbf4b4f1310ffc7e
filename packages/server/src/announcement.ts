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
  setup,
  isTerminal,
}: {
  readonly roles: Config['roles']
  readonly apiUrl: string
  readonly gatewayUrl: string
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
    lines.push('', '    ./pinyon setup')
    if (setup.tokenFile !== undefined) lines.push('', `  The set-up token is in ${setup.tokenFile}.`)
  }
  return `${lines.join('\n')}\n\n`
}
