import { sha256 } from '../load/content.ts'
import type { Kind, State, Thing } from '../load/history.ts'
import { credentialsOf } from '../load/keys.ts'
import { nameOf, peopleOf } from '../load/members.ts'
import { browser } from '../load/people.ts'
import { valuesOfGateway } from '../load/webhooks.ts'
import { listNames } from './names.ts'
import { compare, settle, type Seen } from './observe.ts'
import type { Reader } from './reader.ts'

interface ListedPin {
  readonly requestid: string
  readonly status: string
  readonly created: string
  readonly pin: { readonly cid: string; readonly name: string }
}

/** Pins by CID: one of each name, with a CID that it may have. */
export async function checkPins(reader: Reader, account: number): Promise<void> {
  const pins: ListedPin[] = []
  for (let before = ''; ;) {
    const path = `/psa/pins?status=queued,pinning,pinned,failed&limit=1000${before}`
    const page = (await reader.get(path, { as: account }))?.body.results as ListedPin[] | undefined
    pins.push(...(page ?? []))
    if (page === undefined || page.length < 1_000) break
    before = `&before=${encodeURIComponent(page.at(-1)!.created)}` // the page is full
  }
  const seen = pins.map(({ requestid: id, pin: { cid, name } }) => ({ id, name, state: { cid } }))
  const found = compare(reader, 'pin', account, seen)
  for (const thing of found.keys()) {
    const ended = thing.facts.ended
    if (ended === undefined) continue
    await reader.get(`/psa/pins/${ended}`, { as: account, expected: [404] })
    delete thing.facts.ended
  }
}

/** Everything else that an account's lists show. */
export async function checkLists(reader: Reader, account: number): Promise<void> {
  for (const [kind, list] of Object.entries(lists)) {
    const seen = await list(reader, account)
    if (seen !== undefined) compare(reader, kind as Kind, account, seen) // a key of `lists`
  }
}

const lists: Partial<Record<Kind, (reader: Reader, account: number) => Promise<Seen[] | undefined>>> = {
  async group(reader, account) {
    const seen: Seen[] = []
    for (const network of ['public', 'private'])
      seen.push(
        ...(await reader.listAll<Seen>(`/v3/groups/${network}`, account, ({ data, groups, next_page_token }) => ({
          items: (data?.groups ?? groups).map(({ id, name }: Seen) => ({ id, name, state: { network, name } })),
          next: data?.next_page_token ?? next_page_token ?? null,
        }))),
      )
    return seen
  },
  async webhook(reader, account) {
    const answer = await reader.get('/pinyon/v1/webhooks', { as: account })
    return answer?.body.webhooks.map(({ id, name, kinds }: Seen & { kinds: string[] }) => ({
      id,
      name,
      state: { name, kinds },
    }))
  },
  async gateway(reader, account) {
    const answer = await reader.get('/v3/gateways?pageSize=1000', { as: account })
    if (answer === undefined) return undefined
    const seen: Seen[] = []
    for (const { id } of answer.body.data.rows as { id: string }[]) {
      const shown = (await reader.get(`/v3/gateways/${id}`, { as: account }))?.body.data
      const plugins = (await reader.get(`/v3/gateways/plugins/${id}`, { as: account }))?.body.data
      if (shown === undefined || plugins === undefined) continue
      const values = valuesOfGateway(shown, plugins).map(({ value }) => value)
      const domain = String(shown.domain).split('.', 1)[0] ?? ''
      seen.push({ id, name: domain, state: { domain, values: values.toSorted() } })
    }
    return seen
  },
  async account(reader, account) {
    if (account !== 0) return undefined
    const all = await reader.listAll('/pinyon/v1/accounts', account, ({ accounts, nextPageToken }) => ({
      items: accounts as { id: string; name: string; quotaBytes: number | null; disabledAt: string | null }[],
      next: nextPageToken,
    }))
    return all
      .filter(({ name }) => name.startsWith('account-'))
      .map(({ id, name, quotaBytes, disabledAt }) => ({
        id,
        name,
        state: { name, quotaBytes, disabled: disabledAt !== null },
      }))
  },
  async person(reader, account) {
    if (account !== 0) return undefined
    const answer = await reader.get('/pinyon/v1/members', { as: account })
    if (answer === undefined) return undefined
    return peopleOf(answer.body)
      .filter(({ email }) => email !== reader.driver.accounts[0]?.email)
      .map(({ email, role, userId }) => {
        const name = nameOf(email)
        return { id: name, name, state: { role, joined: userId !== undefined } }
      })
  },
  name: (reader, account) => listNames(reader, account),
  async denial(reader, account) {
    if (account !== 0) return undefined
    const all = await reader.listAll('/pinyon/v1/denials', account, ({ denials, nextPageToken }) => ({
      items: denials as { cid: string; reason: string }[],
      next: nextPageToken,
    }))
    return all.map(({ cid, reason }) => ({ id: cid, name: reason, state: { denied: true } }))
  },
  async 'sign-up-link'(reader, account) {
    const answer = account === 0 && (await reader.get('/pinyon/v1/operator/sign-ups', { as: account }))
    const links = (answer || undefined)?.body.links as { id: string; note: string; revokedAt: unknown }[] | undefined
    return links?.map(({ id, note, revokedAt }) => ({ id, name: note, state: { revoked: revokedAt !== null } }))
  },
  async 'sign-up-request'(reader, account) {
    const answer = account === 0 && (await reader.get('/pinyon/v1/operator/sign-ups', { as: account }))
    const requests = (answer || undefined)?.body.requests as { id: string; email: string }[] | undefined
    return requests?.map(({ id, email }) => ({ id, name: nameOf(email), state: { waits: true } }))
  },
}

/** Those that changed since they were looked at, and so many of the others. */
export function chosen({ driver }: Reader, kind: Kind, samples: number): Thing[] {
  const things = driver.history.ofKind(kind)
  if (samples >= things.length) return things
  const old = things.filter(({ isChecked }) => isChecked)
  const again = Array.from({ length: Math.min(samples, old.length) }, () => driver.random.pick(old))
  return [...new Set([...things.filter(({ isChecked }) => !isChecked), ...again])]
}

/** Keys, links, sessions and swaps: what works is found out by using it (I6). */
export async function checkCredentials(reader: Reader, samples: number): Promise<void> {
  const probes: Partial<Record<Kind, (reader: Reader, thing: Thing) => Promise<State | undefined>>> = {
    key: workingCredentials,
    'limited-key': usesLeft,
    link: opens,
    session: isSignedIn,
    swap: swapped,
    'folder-upload': folderState,
  }
  for (const [kind, probe] of Object.entries(probes))
    for (const thing of chosen(reader, kind as Kind, samples)) {
      const state = await probe(reader, thing)
      if (state === undefined) continue
      settle(reader, thing, state === 'absent' ? undefined : { id: thing.id ?? '', state })
      thing.isChecked = true
    }
}

async function workingCredentials(reader: Reader, key: Thing): Promise<State | undefined> {
  const credentials = credentialsOf(key)
  // Nobody has its credentials: there is nothing to try.
  if (credentials.length === 0) {
    key.possible = ['absent']
    return 'absent'
  }
  const working: number[] = []
  for (const [at, { JWT }] of credentials.entries()) {
    const answer = await reader.get('/pinyon/v1/whoami', { as: { JWT }, expected: [200, 401] })
    if (answer === undefined) return undefined
    if (answer.status === 200) working.push(at)
  }
  return { working }
}

async function usesLeft(reader: Reader, key: Thing): Promise<State | undefined> {
  const [credential] = credentialsOf(key)
  if (credential === undefined) return undefined
  const answer = await reader.get(`/pinyon/v1/keys?name=${key.name}`, { as: key.account })
  const shown = (answer?.body.keys as { uses: number; maxUses: number }[] | undefined)?.[0]
  if (shown === undefined) return answer === undefined ? undefined : 'absent'
  const used = key.facts.used ?? 0
  if (used > shown.maxUses) reader.wrong.push(`key ${key.name} was let in ${used} times, it may ${shown.maxUses} times`)
  if (shown.uses < used) reader.wrong.push(`key ${key.name} was let in ${used} times, ${shown.uses} are counted`)
  if (shown.uses > shown.maxUses) reader.wrong.push(`key ${key.name} counts ${shown.uses} of ${shown.maxUses} uses`)
  return { working: [0] }
}

async function opens(reader: Reader, link: Thing): Promise<State | undefined> {
  const { path, file, part } = link.facts
  // Without its answer nobody has it; and a link ends with its file.
  if (path === undefined || file === undefined || file.possible.some((state) => state === 'absent')) return undefined
  // What a link shows at the root of a folder is its listing.
  const url = new URL(path, reader.driver.urls.gatewayUrl)
  for (const segment of part?.path.split('/') ?? [])
    if (segment !== '') url.pathname += `/${encodeURIComponent(segment)}`
  const read = await reader.driver.read({ method: 'GET', path: url.href, as: 'none' })
  if (read?.status === 200 && sha256(read.body) !== part?.digest)
    reader.wrong.push(
      `link ${link.name} to ${part?.path} of ${file.name} (${file.facts.cid}) shows other bytes: ${read.body.length} of ${part?.sizeBytes}, they begin with ${JSON.stringify(read.body.subarray(0, 60).toString('latin1'))}`,
    )
  return read?.status === 200 ? { opens: true } : 'absent'
}

async function isSignedIn(reader: Reader, session: Thing): Promise<State | undefined> {
  const cookie = session.facts.cookie
  if (cookie === undefined) return undefined
  const headers = { ...browser(reader.driver), cookie }
  const answer = await reader.get('/pinyon/v1/sessions/current', { as: 'none', headers, expected: [200, 401] })
  return answer?.status === 200 ? { signedIn: true } : 'absent'
}

async function swapped(reader: Reader, swap: Thing): Promise<State | undefined> {
  const { file } = swap.facts
  if (file === undefined || file.possible.some((state) => state === 'absent')) return undefined
  const answer = await reader.get(`/v3/files/public/swap/${swap.id}`, { as: swap.account, expected: [200, 404] })
  const mapped = answer?.status === 200 ? (answer.body.data[0]?.mapped_cid ?? null) : null
  return mapped === null ? 'absent' : { mapped }
}

async function folderState(reader: Reader, upload: Thing): Promise<State | undefined> {
  if (upload.id === undefined) return undefined
  const answer = await reader.get(`/pinyon/v1/folder-uploads/${upload.id}`, {
    as: upload.account,
    expected: [200, 404],
  })
  if (answer === undefined) return undefined
  return answer.status === 404 ? 'absent' : { open: answer.body.cid === null }
}
