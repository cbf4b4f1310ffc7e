import { formatCid, type Cid } from '../ipfs/cid.ts'
import { escapeHtml } from './html.ts'
import type { GatewayRequest } from './read-request.ts'

/** What links in a listing carry on: of private files everything but the page. */
export function carriedQuery({ space, query }: GatewayRequest): string {
  if (space !== 'files') return ''
  const kept = query
    .slice(1)
    .split('&')
    .filter((piece) => piece !== '' && !piece.startsWith('after='))
  return kept.length === 0 ? '' : `?${kept.join('&')}`
}

/** The way from the root to here, each step a link. On hosts of one content the root lies on another host. */
export function breadcrumb(request: GatewayRequest, top: number): string {
  const { form, space, name, segments } = request
  const query = carriedQuery(request)
  const prefix = form.kind === 'subdomain' ? `//${form.apex}` : form.kind === 'dnslink' ? `//${request.host}` : ''
  const rootPath = form.kind === 'dnslink' ? '' : `/${space}/${encodeURIComponent(name)}`
  const steps = [name, ...segments].map((text, i) => {
    const shown = escapeHtml(text.toWellFormed())
    if (i < top) return shown
    const below = segments
      .slice(0, i)
      .map((segment) => `/${encodeURIComponent(segment.toWellFormed())}`)
      .join('')
    const path = `${rootPath}${below}`
    return `<a href="${escapeHtml(`${prefix}${path === '' ? '/' : path}${query}`)}">${shown}</a>`
  })
  return `/${space}/${steps.join('/')}`
}

/** An entry by its name. Browsers take some names for a way, however they are escaped: those are shown and lead nowhere. */
export function entryLink(request: GatewayRequest, name: string): string {
  const shown = escapeHtml(name)
  if (name === '' || name === '.' || name === '..') return shown
  const base = request.path.replace(/\/$/, '')
  return `<a href="${escapeHtml(`${base}/${encodeURIComponent(name)}${carriedQuery(request)}`)}">${shown}</a>`
}

/** An entry by its CID: on this host, on the one above, or where CIDs are explained; private content has no such address. */
export function hashLink({ form, space }: GatewayRequest, cid: Cid, name: string): string {
  const text = formatCid(cid)
  if (space === 'files') return text
  if (form.kind === 'dnslink') {
    return `<a class="ipfs-hash" translate="no" href="https://cid.ipfs.tech/#${text}" target="_blank" rel="noreferrer noopener">${text}</a>`
  }
  const prefix = form.kind === 'subdomain' ? `//${form.apex}` : ''
  // Twice, as programs that read such pages expect.
  const filename = encodeURIComponent(encodeURIComponent(name))
  return `<a class="ipfs-hash" translate="no" href="${escapeHtml(`${prefix}/ipfs/${text}?filename=${filename}`)}">${text}</a>`
}
