import { BlockList, isIP } from 'node:net'
import type { Database } from '../db/database.ts'
import { UntilCommit } from '../db/until-commit.ts'
import { formatCid, parseCid, type Cid } from '../ipfs/cid.ts'
import type { Clock } from '../lib/clock.ts'
import { networkNumbers } from '../pins/network.ts'
import { findSignature } from '../signatures/queries.ts'
import { listSwaps } from '../swaps/queries.ts'
import type { HtmlPolicy } from './html-policy.ts'
import { findGatewayByHost, holdsPublicly, listPlugins, listRestrictions, type RestrictionRow } from './queries.ts'

/** A gateway as requests for its hosts meet it. */
export interface ServedGateway {
  readonly id: string
  readonly accountId: string
  readonly isDisabled: boolean
  /** What lets requests in; without any of them only what the account holds is shown, to anyone. */
  readonly controls: {
    /** Hashes of access tokens. */
    readonly tokens: ReadonlySet<string>
    readonly origins: ReadonlySet<string>
    readonly addresses: BlockList | undefined
  }
  /** Whether pages are shown: everywhere, on custom domains alone, or never. */
  readonly html: HtmlPolicy
  readonly signs: boolean
  readonly swaps: boolean
}

type Answer<T> = { readonly value: T }

/** Gateways of accounts by their hosts, and what they show. All changes hold within a second, those of this process at once. */
export class ServedGateways {
  readonly #db: Pick<Database, 'read' | 'commits'>
  readonly #clock: Clock
  readonly #proofs: readonly string[]
  readonly #hosts: UntilCommit<Answer<ServedGateway | undefined>>
  readonly #contents: UntilCommit<Answer<string | boolean | undefined>>

  /** `proofs`: of which kind one must be for a domain to be served. */
  constructor({
    db,
    clock,
    proofs,
  }: {
    db: Pick<Database, 'read' | 'commits'>
    clock: Clock
    proofs: readonly string[]
  }) {
    this.#db = db
    this.#clock = clock
    this.#proofs = proofs
    this.#hosts = new UntilCommit(db, 10_000)
    this.#contents = new UntilCommit(db, 50_000)
  }

  /** The gateway of a name below the installation's hosts, or of a domain that was proven; undefined when there is none. */
  async find(host: { readonly name: string } | { readonly domain: string }): Promise<ServedGateway | undefined> {
    const key = 'name' in host ? `n${host.name}` : `d${host.domain}`
    return (await this.#hosts.get(key, async () => ({ value: await this.#load(host) }))).value
  }

  /** Whether the account of a gateway holds this root publicly. */
  async holds({ accountId }: ServedGateway, root: Cid): Promise<boolean> {
    const { multihash, codec } = root
    const now = this.#clock.now()
    const ask = () => holdsPublicly(this.#db.read, { accountId, multihash, codec, now })
    return (await this.#content(`h${accountId}`, root, ask)) === true
  }

  /** What a gateway shows in place of a CID; undefined for itself. */
  async swapOf({ accountId, swaps }: ServedGateway, root: Cid): Promise<Cid | undefined> {
    if (!swaps) return undefined
    const of = { account_id: accountId, network: networkNumbers.public, multihash: root.multihash, codec: root.codec }
    const ask = async () => (await listSwaps(this.#db.read, of, 1))[0]?.mapped_cid ?? undefined
    const mapped = await this.#content(`s${accountId}`, root, ask)
    return typeof mapped === 'string' ? parseCid(mapped) : undefined
  }

  /** The signature of a public content, for gateways that show it. */
  async signatureOf({ accountId, signs }: ServedGateway, root: Cid): Promise<string | undefined> {
    if (!signs) return undefined
    const of = { network: networkNumbers.public, multihash: root.multihash, codec: root.codec }
    const ask = async () => (await findSignature(this.#db.read, accountId, of))?.signature
    const signature = await this.#content('g', root, ask)
    return typeof signature === 'string' ? signature : undefined
  }

  async #content(
    about: string,
    root: Cid,
    ask: () => Promise<string | boolean | undefined>,
  ): Promise<string | boolean | undefined> {
    const key = `${about} ${formatCid({ ...root, version: 1 })}`
    return (await this.#contents.get(key, async () => ({ value: await ask() }))).value
  }

  async #load(host: Parameters<ServedGateways['find']>[0]): Promise<ServedGateway | undefined> {
    const by = 'name' in host ? host : { ...host, proofs: this.#proofs }
    const row = await findGatewayByHost(this.#db.read, by)
    if (row === undefined) return undefined
    const restrictions = await listRestrictions(this.#db.read, [row.id])
    const plugins = await listPlugins(this.#db.read, { accountId: row.account_id, gatewayId: row.id })
    const has = (id: number) => plugins.some((plugin) => plugin.plugin_id === id)
    const ofKind = (kind: string) => restrictions.filter((each) => each.kind === kind)
    return {
      id: row.id,
      accountId: row.account_id,
      isDisabled: row.disabled_at !== null,
      controls: {
        tokens: new Set(ofKind('token').map(({ value }) => value)),
        origins: new Set(ofKind('host').map(({ value }) => value)),
        addresses: addressesOf(ofKind('ip')),
      },
      html: row.html as HtmlPolicy, // written by us
      signs: has(1),
      swaps: has(2),
    }
  }
}

function addressesOf(rows: readonly RestrictionRow[]): BlockList | undefined {
  if (rows.length === 0) return undefined
  const list = new BlockList()
  for (const { value } of rows) {
    const [address = '', bits] = value.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family)
  }
  return list
}
