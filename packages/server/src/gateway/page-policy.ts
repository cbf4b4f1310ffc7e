import type { HtmlPolicy } from '../gateways/html-policy.ts'
import { AppError } from '../lib/errors.ts'
import { bareType } from '../lib/content-type.ts'

/** What decides whether a host shows pages. */
interface Host {
  /** What the gateway of an account says; undefined on a host of the installation. */
  readonly own: HtmlPolicy | undefined
  /** Whether it is reached by a domain of its owner. */
  readonly isCustomDomain: boolean
  /** What the settings say of the installation's own hosts. */
  readonly installation: 'sandbox' | 'origins' | 'refuse'
  /** Whether content has an origin of its own there. */
  readonly isIsolated: boolean
}

/** Whether pages that others made are refused on a host. */
export function refusesPages({ own, isCustomDomain, installation, isIsolated }: Host): boolean {
  if (own !== undefined) return own === 'refuse' || (own === 'domains' && !isCustomDomain)
  return installation === 'refuse' || (installation === 'origins' && !isIsolated)
}

/** Whether a browser shows a type as a page: HTML, and XML, which may be made into it. Images are none. */
export function isPage(type: string): boolean {
  return /^(text\/html|(text|application)\/(xml|[\w.-]+\+xml))$/i.test(bareType(type).trim())
}

/** What is said instead of a page (as Pinata's programs know it: ERR_ID:00023). */
export function pageRefused(): AppError {
  return new AppError(
    'forbidden',
    'HTML is not shown at this gateway. As a download it is served: add download=true to the address. ERR_ID:00023',
  )
}
