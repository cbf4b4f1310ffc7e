/** Where requests for Pinata's hosts go. The gateway is unknown where nobody could say it. */
export interface Targets {
  readonly apiUrl: string
  readonly gatewayUrl: string | undefined
}

/** The names that a certificate needs to stand in for all of Pinata's hosts. */
export const pinataNames = [
  'api.pinata.cloud',
  'uploads.pinata.cloud',
  'gateway.pinata.cloud',
  '*.mypinata.cloud',
] as const

const apiHosts: readonly string[] = ['api.pinata.cloud', 'uploads.pinata.cloud']

/** Whether this name is one of Pinata's that this server stands in for. */
export function isPinataHost(host: string): boolean {
  const name = plain(host)
  return apiHosts.includes(name) || name === 'gateway.pinata.cloud' || /^[^.]+\.mypinata\.cloud$/.test(name)
}

/** Where requests for that name of Pinata's go; undefined for its gateways where no gateway is known. */
export function targetOf(host: string, { apiUrl, gatewayUrl }: Targets): string | undefined {
  return apiHosts.includes(plain(host)) ? apiUrl : gatewayUrl
}

function plain(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
