import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import type { Cid } from '../../ipfs/cid.ts'
import { multihashKey } from '../../ipfs/multihash-key.ts'
import { AppError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { type LoadedList, loadList } from './load-list.ts'
import { RuleSet, type Verdict } from './rule-set.ts'

/** Why something is not shown, by a list. */
export interface Listed {
  readonly list: string
  readonly line: number
  readonly isLegal: boolean
  /** When the list came in force. */
  readonly since: number
}

/** One list as it is in force, and what is wrong with it. */
export interface DenylistState extends LoadedList {
  readonly loadedAt: number
  /** Why the file cannot be read now; what was read before is in force. */
  readonly problem: string | undefined
}

/** How often it is looked whether files changed. Twice the same look, and one is read: whoever writes it has ended. */
const lookMs = 5_000
/** A file that changes all the time is read all the same. */
const patienceMs = 25_000
const maxKept = 50_000

type Answer = Listed | 'allowed'
interface InForce {
  readonly rules: RuleSet
  readonly lists: readonly (LoadedList & { readonly from: number; readonly loadedAt: number })[]
  readonly contents: LRUCache<string, { readonly value: Answer | undefined }>
  readonly paths: LRUCache<string, { readonly value: Answer | undefined }>
}

/** Reads the lists of the settings and follows their files. Rejects when one of them cannot be read. */
export async function openDenylists(options: ConstructorParameters<typeof Denylists>[0]): Promise<Denylists> {
  const lists = new Denylists(options)
  await lists.load()
  lists.follow()
  return lists
}

/**
 * Denylists in files (https://specs.ipfs.tech/compact-denylist-format/): of all lines that speak of something the last
 * one counts, that of the last list. A file that changed is in force within half a minute, in every process by itself.
 */
export class Denylists {
  readonly #places: readonly string[]
  readonly #log: Pick<Logger, 'warn' | 'info'>
  readonly #now: () => number
  #inForce: InForce | undefined
  #problem: string | undefined
  #version = 0
  #loaded = ''
  #seen: { readonly stamp: string; readonly since: number } | undefined
  #timer: NodeJS.Timeout | undefined
  #looking: Promise<void> = Promise.resolve()

  /** `places`: files, and folders whose files that end in `.deny` are meant. */
  constructor({
    places,
    log,
    now = Date.now,
  }: {
    places: readonly string[]
    log: Pick<Logger, 'warn' | 'info'>
    now?: () => number
  }) {
    this.#places = places
    this.#log = log
    this.#now = now
  }

  /** How often lists came in force. */
  get version(): number {
    return this.#version
  }

  /** How many rules there are. */
  get size(): number {
    return this.#inForce?.rules.size ?? 0
  }

  /** The lists, for operators. */
  get states(): DenylistState[] {
    const problem = this.#problem
    return (this.#inForce?.lists ?? []).map(({ from: _from, ...list }) => ({ ...list, problem }))
  }

  /** True while a list cannot be read. */
  get isFailing(): boolean {
    return this.#problem !== undefined
  }

  /** What everybody may know: nothing while all lists are read and followed. */
  get told(): { readonly denylists?: 'failing' | 'broken' } {
    if (this.isFailing) return { denylists: 'failing' }
    return (this.#inForce?.lists ?? []).some(({ broken }) => broken > 0) ? { denylists: 'broken' } : {}
  }

  /** Where content is listed, in whatever spelling; undefined for what is shown. */
  find(multihash: Uint8Array): Listed | undefined {
    const inForce = this.#inForce
    if (inForce === undefined || inForce.rules.size === 0) return undefined
    const key = multihashKey(multihash)
    const known = inForce.contents.get(key)
    if (known !== undefined) return known.value === 'allowed' ? undefined : known.value
    const value = answerOf(inForce, inForce.rules.findContent(multihash))
    inForce.contents.set(key, { value })
    return value === 'allowed' ? undefined : value
  }

  /** Where a path below content is listed; the content itself is asked for by `find`. */
  findPath(root: Cid, segments: readonly string[]): Listed | undefined {
    if (segments.length === 0) return undefined
    const path = segments.join('/')
    return this.#ask(`${root.codec} ${multihashKey(root.multihash)} ${path}`, ({ rules }) => rules.findPath(root, path))
  }

  /** Where a name, or a path below it, is listed. */
  findName(name: string, segments: readonly string[]): Listed | undefined {
    const path = segments.join('/')
    return this.#ask(`/${name}/${path}`, ({ rules }) => rules.findName(name, path))
  }

  /** Reads all lists anew. Rejects, and what was in force stays, when one cannot be read. */
  async load(): Promise<void> {
    if (this.#places.length === 0) return
    const stamp = await stampOf(this.#places)
    const rules = new RuleSet()
    const lists: InForce['lists'][number][] = []
    let from = 0
    for (const file of await filesOf(this.#places)) {
      const start = from
      const list = await loadList(file, (rule, line) => rules.add(rule, start + line))
      from += list.lines
      lists.push({ ...list, from: start, loadedAt: this.#now() })
      if (list.broken > 0)
        this.#log.warn({ file, broken: list.broken, lines: list.brokenLines }, 'a denylist has lines that say nothing')
    }
    this.#loaded = stamp
    this.#problem = undefined
    const kept = () => new LRUCache<string, { value: Answer | undefined }>({ max: maxKept })
    this.#version++
    this.#inForce = { rules, lists, contents: kept(), paths: kept() }
    this.#log.info({ lists: lists.length, rules: rules.size }, 'denylists are in force')
  }

  /** Begins to look for changes. */
  follow(): void {
    if (this.#places.length === 0) return
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.look())
    }, lookMs).unref()
  }

  /** Looks once, and reads what changed and stands still. Never rejects. */
  async look(): Promise<void> {
    try {
      const stamp = await stampOf(this.#places)
      if (stamp === this.#loaded) {
        this.#problem = undefined
        return
      }
      const now = this.#now()
      const isSame = stamp === this.#seen?.stamp
      const since = this.#seen?.since ?? now
      this.#seen = { stamp, since }
      if (!isSame && now - since < patienceMs) return
      await this.load()
      this.#seen = undefined
    } catch (error) {
      if (this.#problem === undefined)
        this.#log.warn({ err: error }, 'a denylist cannot be read: what was read before stays in force')
      this.#problem = error instanceof Error ? error.message : String(error)
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#looking
  }

  #ask(key: string, ask: (inForce: InForce) => Verdict | undefined): Listed | undefined {
    const inForce = this.#inForce
    if (inForce === undefined || inForce.rules.size === 0) return undefined
    const known = inForce.paths.get(key)
    const value = known === undefined ? answerOf(inForce, ask(inForce)) : known.value
    if (known === undefined) inForce.paths.set(key, { value })
    return value === 'allowed' ? undefined : value
  }
}

/** For whoever reads. Throws `content_taken_down` (410), `unavailable_for_legal_reasons` (451). */
export function refuseListed({ list, line, isLegal }: Listed): never {
  throw isLegal
    ? new AppError(
        'unavailable_for_legal_reasons',
        `This content is withheld for legal reasons: ${list}, line ${line}.`,
      )
    : new AppError(
        'content_taken_down',
        `The operator of this server does not show this content: ${list}, line ${line}.`,
      )
}

function answerOf({ lists }: InForce, verdict: Verdict | undefined): Answer | undefined {
  if (verdict === undefined) return undefined
  if (verdict.isAllowed) return 'allowed'
  const list = lists.findLast(({ from }) => from < verdict.order)
  return {
    list: list?.name ?? '',
    line: verdict.order - (list?.from ?? 0),
    isLegal: verdict.isLegal,
    since: list?.loadedAt ?? 0,
  }
}

async function filesOf(places: readonly string[]): Promise<string[]> {
  const files: string[] = []
  for (const place of places) {
    if (!(await stat(place)).isDirectory()) files.push(place)
    else for (const name of (await readdir(place)).toSorted()) if (name.endsWith('.deny')) files.push(join(place, name))
  }
  return files
}

/** Another text whenever a file was written, replaced, added or removed. */
async function stampOf(places: readonly string[]): Promise<string> {
  const stamps: string[] = []
  for (const file of await filesOf(places)) {
    const { mtimeNs, size, ino } = await stat(file, { bigint: true })
    stamps.push(`${file} ${ino} ${size} ${mtimeNs}`)
  }
  return stamps.join('\n')
}
