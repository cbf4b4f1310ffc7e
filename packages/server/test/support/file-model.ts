import fc from 'fast-check'
import type { Database } from '../../src/db/database.ts'
import type { FileFilter } from '../../src/files/filters/file-filter.ts'
import { type KeyvalueCondition, keyvalueOperators } from '../../src/files/filters/keyvalue-condition.ts'
import { type KeyvalueValue, keyvalueRows } from '../../src/files/keyvalues.ts'
import { type FileRow, insertFile } from '../../src/files/queries.ts'
import { insertKeyvalues } from '../../src/files/keyvalue-queries.ts'
import { formatCid } from '../../src/ipfs/cid.ts'

/** What a test says about a file; the rest is the same for all. */
export interface ModelFile {
  readonly id: string
  readonly state: 'held' | 'released' | 'waiting'
  readonly network: number
  readonly name: string | null
  readonly mime: string
  readonly group: string | null
  readonly size: number
  readonly createdAt: number
  readonly releasedAt: number | null
  readonly expiresAt: number | null
  /** Number of its content; of two files with one number the CIDs may be written in different ways. */
  readonly content: number
  readonly version: 0 | 1
  readonly keyvalues: Readonly<Record<string, KeyvalueValue>>
}

/** The time at which the lists of these tests are asked for. */
export const modelNow = 1_000

/** The content of a number, as filters and rows have it. */
function contentOf(content: number): { multihash: Uint8Array; codec: number } {
  return { multihash: Uint8Array.from([0x12, 0x20, ...Buffer.alloc(32, content + 1)]), codec: 0x70 }
}

/** Puts files into a new account. */
export async function insertModelFiles(db: Database, accountId: string, files: readonly ModelFile[]): Promise<void> {
  await db.write(async (tx) => {
    await tx
      .insertInto('accounts')
      .values({
        id: accountId,
        name: 'n',
        email: 'e',
        created_at: 0,
        disabled_at: null,
        quota_bytes: null,
        public_content: 'allowed',
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
    for (const file of files) {
      await insertFile(tx, rowOf(accountId, file))
      await insertKeyvalues(
        tx,
        keyvalueRows({ file_id: file.id, account_id: accountId, network: file.network }, file.keyvalues),
      )
    }
  })
}

/** The row of a file. */
function rowOf(accountId: string, file: ModelFile): FileRow {
  return {
    id: file.id,
    account_id: accountId,
    network: file.network,
    state: file.state,
    source: 'upload',
    pin_id: null,
    cid: cidOf(file),
    ...contentOf(file.content),
    name: file.name,
    name_folded: file.name === null ? null : fold(file.name),
    size_bytes: file.size,
    number_of_files: 1,
    mime_type: file.mime,
    group_id: file.group,
    created_by_key: null,
    created_at: file.createdAt,
    updated_at: file.createdAt,
    expires_at: file.expiresAt,
    pin_status: file.state === 'waiting' ? 0 : null,
    pin_policy: null,
    queued_origins: null,
    released_at: file.releasedAt,
  }
}

/** How the CID of a file is written. */
export function cidOf({ content, version }: Pick<ModelFile, 'content' | 'version'>): string {
  return formatCid({ version, ...contentOf(content) })
}

/** What a list should show, said plainly. */
export function isShown(file: ModelFile, network: number, filter: FileFilter): boolean {
  const within = (value: number | null, low?: number, high?: number) =>
    (low === undefined && high === undefined) || (value !== null && value >= (low ?? 0) && value <= (high ?? Infinity))
  return (
    file.network === network &&
    filter.states.includes(file.state) &&
    (file.expiresAt === null || file.expiresAt > modelNow) &&
    filter.cid !== 'none' &&
    (filter.cid === undefined || filter.cid.multihash[2] === file.content + 1) &&
    (filter.cidContains === undefined || cidOf(file).includes(filter.cidContains)) &&
    (filter.nameContains === undefined ||
      (file.name !== null && fold(file.name).includes(fold(filter.nameContains)))) &&
    (filter.mimeType === undefined || file.mime === filter.mimeType) &&
    (filter.group === undefined || file.group === filter.group) &&
    within(file.createdAt, filter.createdFrom, filter.createdTo) &&
    within(file.releasedAt, filter.releasedFrom, filter.releasedTo) &&
    within(file.size, filter.sizeMin, filter.sizeMax) &&
    (filter.keyvalues ?? []).every((condition) => {
      const stored = Object.entries(file.keyvalues).find(([key]) => key === condition.key)
      return stored !== undefined && meets(stored[1], condition)
    })
  )
}

function meets(stored: KeyvalueValue, { op, value, secondValue }: KeyvalueCondition): boolean {
  const text = String(stored)
  const equal = typeof value === 'number' ? reads(stored) === value : text === String(value)
  const like = (folded: boolean) => {
    const f = folded ? fold : (t: string) => t
    const source = Array.from(f(String(value)))
    let pattern = ''
    for (let i = 0; i < source.length; i++) {
      const c = source[i]
      if (c === '%') pattern += '.*'
      else if (c === '_') pattern += '.'
      else pattern += `\\u{${((c === '\\' ? source[++i] : c) ?? '\\').codePointAt(0)?.toString(16)}}`
    }
    return new RegExp(`^(?:${pattern})$`, 'su').test(f(text))
  }
  const low = reads(value)
  const high = secondValue === undefined ? low : reads(secondValue)
  const isNumeric = low !== null && high !== null
  const order = (bound: KeyvalueValue) =>
    isNumeric
      ? Math.sign((reads(stored) ?? 0) - (reads(bound) ?? 0))
      : Buffer.compare(Buffer.from(text), Buffer.from(String(bound)))
  const isComparable = isNumeric ? reads(stored) !== null : typeof stored !== 'number'
  const inside = () => order(value) >= 0 && order(secondValue ?? value) <= 0
  switch (op) {
    case 'eq':
      return equal
    case 'ne':
      return !equal
    case 'gt':
      return isComparable && order(value) > 0
    case 'gte':
      return isComparable && order(value) >= 0
    case 'lt':
      return isComparable && order(value) < 0
    case 'lte':
      return isComparable && order(value) <= 0
    case 'between':
      return isComparable && inside()
    case 'notBetween':
      return isComparable && !inside()
    case 'like':
      return like(false)
    case 'notLike':
      return !like(false)
    case 'iLike':
      return like(true)
    case 'notILike':
      return !like(true)
    case 'regexp':
      return new RegExp(String(value), 'u').test(text)
    case 'iRegexp':
      return new RegExp(String(value), 'iu').test(text)
  }
}

/** A number, text that reads as one, or the milliseconds of a date. */
function reads(value: KeyvalueValue): number | null {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean' || value === '') return null
  if (/^-?[\d.]+$/.test(value)) return Number(value)
  return /^\d{4}-/.test(value) ? Date.parse(value) : null
}

function fold(text: string): string {
  return text.normalize('NFC').toLowerCase()
}

const names = [
  'Holiday in Rome.png',
  'ÄRGER.txt',
  'a\u0308rger 2',
  '100%_off\\',
  'x',
  '',
  'Rome 2.png',
  '😀 smile',
  'ROMA',
]
const keys = ['k', 'edition', '__proto__', "o'k"]
const values: readonly KeyvalueValue[] = [
  5,
  7.5,
  -1,
  0,
  true,
  false,
  '5',
  '5.0',
  '-1',
  'abc',
  'ABC',
  'äb',
  'ÄB',
  'a%c',
  '',
  'true',
  '😀',
  '\uffee',
  "'",
  '2024-01-01',
  '2024-06-01T00:00:00Z',
  '2024-01-01T00:00:00.000Z',
  'a\nb',
]
const patterns = ['%', 'a%', '%B', '_', '__', 'a_c', 'A%c%', 'a\\%c', '%\\', '', '%5%', 'Ä%', '😀']
const expressions = ['^a', 'b$', '[0-9]+', '^.$', 'A|5', '^$', 'ä', '\\.', '(?:a|b)c?$']

const keyvalue = fc.constantFrom(...values)

/** Any file but for its id. */
export const anyFile: fc.Arbitrary<Omit<ModelFile, 'id'>> = fc.record({
  state: fc.constantFrom('held', 'held', 'held', 'released', 'waiting'),
  network: fc.constantFrom(1, 1, 1, 0),
  name: fc.constantFrom(null, ...names),
  mime: fc.constantFrom('image/png', 'text/plain', ''),
  group: fc.constantFrom(null, 'g', 'h'),
  size: fc.integer({ min: 0, max: 5 }),
  createdAt: fc.integer({ min: 0, max: 5 }),
  releasedAt: fc.option(fc.integer({ min: 0, max: 5 })),
  expiresAt: fc.constantFrom(null, null, null, modelNow, modelNow + 1, 5),
  content: fc.integer({ min: 0, max: 3 }),
  version: fc.constantFrom(0, 1),
  // Not fc.dictionary: `__proto__` is to be a key like any other.
  keyvalues: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...keys), keyvalue), { selector: ([key]) => key, maxLength: 4 })
    .map((entries) => Object.fromEntries(entries)),
})

const condition: fc.Arbitrary<KeyvalueCondition> = fc
  .tuple(fc.constantFrom(...keys), fc.constantFrom(...keyvalueOperators))
  .chain(([key, op]) => {
    const source = /regexp/i.test(op)
      ? fc.constantFrom(...expressions)
      : /like/i.test(op)
        ? fc.constantFrom(...patterns)
        : keyvalue
    return /between/i.test(op)
      ? fc.tuple(source, source).map(([value, secondValue]) => ({ key, op, value, secondValue }))
      : source.map((value) => ({ key, op, value }))
  })

const bound = fc.integer({ min: 0, max: 5 })

/** Any filter; mostly with one or two things asked for. */
export const anyFilter: fc.Arbitrary<FileFilter> = fc
  .tuple(
    fc.constantFrom<FileFilter['states']>(['held'], ['held'], ['released'], ['held', 'released'], ['waiting']),
    fc.array(
      fc.oneof(
        fc.constantFrom(0, 1, 2, 3, 9).map((n) => ({ cid: contentOf(n) })),
        fc.constant({ cid: 'none' as const }),
        fc
          .tuple(fc.integer({ min: 0, max: 4 }), fc.constantFrom<0 | 1>(0, 1), fc.constantFrom(0, 5, 20))
          .map(([content, version, from]) => ({ cidContains: cidOf({ content, version }).slice(from) })),
        fc
          .constantFrom('rome', 'ROME', 'ärg', 'A\u0308R', '%', '_off\\', '.p', 'o', 'day in rome', '😀', 'zzz')
          .map((nameContains) => ({ nameContains })),
        fc.constantFrom('image/png', 'text/plain', '', 'none/such').map((mimeType) => ({ mimeType })),
        fc.constantFrom(null, 'g', 'h', 'unknown').map((group) => ({ group })),
        bound.map((createdFrom) => ({ createdFrom })),
        bound.map((createdTo) => ({ createdTo })),
        fc.tuple(bound, bound).map(([releasedFrom, releasedTo]) => ({ releasedFrom, releasedTo })),
        bound.map((sizeMin) => ({ sizeMin })),
        fc.tuple(bound, bound).map(([sizeMin, sizeMax]) => ({ sizeMin, sizeMax })),
        fc.array(condition, { minLength: 1, maxLength: 2 }).map((keyvalues) => ({ keyvalues })),
        fc.array(condition, { minLength: 1, maxLength: 2 }).map((keyvalues) => ({ keyvalues })),
      ),
      { maxLength: 3 },
    ),
  )
  .map(([states, parts]) => Object.assign({ states }, ...parts) as FileFilter) // each part is a piece of one
