import { isDeepStrictEqual } from 'node:util'
import type { PartFacts } from './content.ts'

/** What kinds of things the load makes; each has an observer in `check/`. */
export type Kind =
  | 'file'
  | 'pin'
  | 'group'
  | 'key'
  | 'limited-key'
  | 'link'
  | 'upload'
  | 'folder-upload'
  | 'swap'
  | 'webhook'
  | 'gateway'
  | 'account'
  | 'person'
  | 'session'
  | 'name'
  | 'denial'
  | 'sign-up-link'
  | 'sign-up-request'

/** What can be read of a thing from outside. `absent`: it is not there. */
export type State = Readonly<Record<string, unknown>> | 'absent'

/** What never changes about a thing, by what kind it is. */
interface Facts {
  /** Of a file. */
  cid?: string | undefined
  parts?: readonly PartFacts[]
  /** Of an upload: where it goes on, by what it began, what it is to be; of a link, where it leads. */
  path?: string
  by?: 'key' | 'link'
  network?: string
  sizeBytes?: number
  /** The file that a link shows, or a swap hides. */
  file?: Thing
  part?: PartFacts | undefined
  /** Of a pin: the id that a replacement ended. */
  ended?: string | undefined
  /** Of a key: every credential it ever had, its parent and children, how often it was let in and tried. */
  credentials?: readonly Credential[]
  parent?: Thing
  children?: readonly Thing[]
  used?: number
  tried?: number
  /** Of a session. */
  cookie?: string
  /** Of somebody invited. */
  token?: string
  /** Of an IPNS name: what was acknowledged, and its key once somebody outside has it. */
  records?: { readonly sequence: number; readonly value: string }[]
  key?: string
}

/** The three values that a key's creation shows once. */
export interface Credential {
  readonly JWT: string
  readonly pinata_api_key: string
  readonly pinata_api_secret: string
}

/** Something that the load made, or tried to. */
export interface Thing {
  readonly kind: Kind
  /** Which account it belongs to. */
  readonly account: number
  /** Unique, and part of every name it ever has, so that it is found although nobody heard of its id. */
  readonly name: string
  readonly facts: Facts
  /** Known once an answer told it, or the checker found it. */
  id: string | undefined
  /** What it may be now: one state when all is known, more after an answer that never came. */
  possible: State[]
  /** Somebody is changing it. */
  busy: boolean
  /** It was looked at closely (bytes read back, credentials tried) since it last changed. */
  isChecked: boolean
}

/** A request that was refused without need, or answered too late. */
export interface Complaint {
  readonly request: string
  readonly words: string
}

/** Everything that was asked of an installation and what came back, over all lives of its processes. It is kept here, outside of it. */
export class History {
  readonly things: Thing[] = []
  readonly complaints: Complaint[] = []
  /** Texts that no log and no later answer may hold. */
  readonly secrets = new Set<string>()
  /** Requests by how they ended. */
  readonly counts = { acknowledged: 0, unknown: 0, refused: 0 }
  readonly #ofKind = new Map<Kind, Thing[]>()

  add(thing: Pick<Thing, 'kind' | 'account' | 'name'> & Partial<Thing>): Thing {
    const added: Thing = { facts: {}, id: undefined, possible: ['absent'], busy: false, isChecked: false, ...thing }
    this.things.push(added)
    this.ofKind(added.kind).push(added)
    return added
  }

  /** What is known at this moment: what is asked and answered later does not change it. */
  copy(): History {
    const copy = new History()
    // All at once, since things name each other.
    for (const thing of structuredClone(this.things)) {
      copy.things.push(thing)
      copy.ofKind(thing.kind).push(thing)
    }
    copy.complaints.push(...this.complaints)
    for (const secret of this.secrets) copy.secrets.add(secret)
    Object.assign(copy.counts, this.counts)
    return copy
  }

  ofKind(kind: Kind): Thing[] {
    const known = this.#ofKind.get(kind) ?? []
    this.#ofKind.set(kind, known)
    return known
  }

  /** Things of a kind whose state is known, that are there, and that nobody changes just now. */
  settled(kind: Kind, where: (thing: Thing, state: Exclude<State, 'absent'>) => boolean = () => true): Thing[] {
    return this.ofKind(kind).filter((thing) => {
      const state = certain(thing)
      return state !== undefined && thing.id !== undefined && !thing.busy && where(thing, state)
    })
  }
}

/** The state of a thing that is there and of which all is known. */
export function certain({ possible }: Thing): Exclude<State, 'absent'> | undefined {
  const [state] = possible
  return possible.length === 1 && state !== undefined && state !== 'absent' ? state : undefined
}

/** May the thing look like this? */
export function isPossible({ possible }: Thing, seen: State): boolean {
  return possible.some((state) => isDeepStrictEqual(state, seen))
}

/** The unique part of a name that the load gave. */
export function baseOf(name: string): string {
  return name.split('~', 1)[0] ?? name
}
