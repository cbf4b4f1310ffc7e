import type { Caller } from '../caller.ts'
import type { Services } from '../services.ts'
import { hashLink } from './audit-chain.ts'
import { type ChainRow, findHash, findHead, findUnchained, listChain } from './audit-chain-queries.ts'
import { readHead } from './audit-head.ts'

/** What is wrong with the log, at the first place where something is. */
export interface AuditFault {
  readonly problem:
    | 'changed'
    | 'deleted'
    | 'link-missing'
    | 'link-changed'
    | 'cut'
    | 'unchained'
    | 'forged-head'
    | 'not-as-signed'
  /** The line it is about, where one is known. */
  readonly entryId: string | null
  readonly number: number | null
  readonly message: string
}

/** What a part of the log came to. `next` says where to go on; null at the end or at a fault. */
export interface Verified<Place> {
  readonly lines: number
  readonly next: Place | null
  readonly fault: AuditFault | null
}

/** Lines that are read at once, and those that one request looks at. */
const sliceLines = 500
const maxLines = 20_000

type Needed = Pick<Services, 'signingKeys' | 'config'> & { readonly db: Pick<Services['db'], 'read'> }

/**
 * Holds the whole log against its chain, from a number on: lines that were changed or deleted, links that are gone, and at
 * the end what was cut off or never sealed, as far as the signed head and the chain tell. Never throws for what it finds.
 */
export async function verifyChain(
  services: Needed,
  { after = 0, limit = maxLines }: { after?: number | undefined; limit?: number },
): Promise<Verified<number>> {
  const { db } = services
  let number = after
  let hash = after === 0 ? '' : ((await findHash(db.read, after)) ?? '')
  for (let lines = 0; ;) {
    const rows = await listChain(db.read, { after: number }, sliceLines)
    for (const row of rows) {
      if (row.number !== number + 1) return ended(lines, linkMissing(number + 1))
      const fault = findFault(row, hash)
      if (fault !== undefined) return ended(lines, fault)
      ;({ number, hash } = row)
      lines++
    }
    if (rows.length === sliceLines) {
      if (lines >= limit) return { lines, next: number, fault: null }
      continue
    }
    const end = await findEndFault(services, { number, hash })
    if (end !== 'more') return ended(lines, end ?? null)
  }
}

/** The same for the lines of the caller's account alone, from a line on; nothing is told of others. */
export async function verifyOwnLines(
  { db }: Pick<Needed, 'db'>,
  { accountId }: Pick<Caller, 'accountId'>,
  { after = '', limit = maxLines }: { after?: string | undefined; limit?: number },
): Promise<Verified<string>> {
  let afterId = after
  for (let lines = 0; ;) {
    const rows = await listChain(db.read, { accountId, afterId }, sliceLines)
    for (const row of rows) {
      const fault =
        row.previous === null && row.number > 1 ? linkMissing(row.number - 1) : findFault(row, row.previous ?? '')
      // Its number would tell how much others do.
      if (fault !== undefined)
        return ended(lines, { ...fault, number: null, message: ownMessages[fault.problem] ?? '' })
      afterId = row.entryId
      lines++
    }
    if (rows.length < sliceLines) return ended(lines, null)
    if (lines >= limit) return { lines, next: afterId, fault: null }
  }
}

const ownMessages: Partial<Record<AuditFault['problem'], string>> = {
  changed: 'This line is not as it was written.',
  deleted: 'This line was taken out of the log.',
  'link-missing': 'What was sealed before this line is gone.',
}

function ended(lines: number, fault: AuditFault | null) {
  return { lines, next: null, fault }
}

function linkMissing(number: number): AuditFault {
  return {
    problem: 'link-missing',
    entryId: null,
    number,
    message: `Link ${number} of the chain is gone, and with it what it sealed.`,
  }
}

function findFault({ number, entryId, accountId, line, hash }: ChainRow, previous: string): AuditFault | undefined {
  if (line === undefined)
    return {
      problem: 'deleted',
      entryId,
      number,
      message: `Line ${entryId} (link ${number}) was taken out of the log.`,
    }
  if (hashLink(previous, line) === hash && line.account_id === accountId) return undefined
  return { problem: 'changed', entryId, number, message: `Line ${entryId} (link ${number}) is not as it was sealed.` }
}

/** What is wrong at the end of the chain; `more` when it went on meanwhile. */
async function findEndFault(
  services: Needed,
  last: { readonly number: number; readonly hash: string },
): Promise<AuditFault | 'more' | undefined> {
  const { db } = services
  const head = await findHead(db.read)
  if (head.number > last.number) {
    if ((await listChain(db.read, { after: last.number }, 1)).length > 0) return 'more'
    return cut(last.number, head.number)
  }
  if (head.number < last.number || head.hash !== last.hash)
    return {
      problem: 'link-changed',
      entryId: null,
      number: last.number,
      message: `The chain does not end as its head says, at link ${head.number}.`,
    }
  const signed = await readHead(services)
  if (signed === 'forged')
    return {
      problem: 'forged-head',
      entryId: null,
      number: null,
      message: 'The head beside the database has no good signature.',
    }
  if (signed !== undefined) {
    const known = signed.number === 0 ? '' : await findHash(db.read, signed.number)
    if (known === undefined) return cut(last.number, signed.number)
    if (known !== signed.hash)
      return {
        problem: 'not-as-signed',
        entryId: null,
        number: signed.number,
        message: `Link ${signed.number} is not the one that was signed on ${signed.signedAt}: the chain was made anew.`,
      }
  }
  const unchained = await findUnchained(db.read)
  if (unchained === undefined) return undefined
  return {
    problem: 'unchained',
    entryId: unchained,
    number: null,
    message: `Line ${unchained} is in no chain: its link was taken away.`,
  }
}

function cut(number: number, was: number): AuditFault {
  return {
    problem: 'cut',
    entryId: null,
    number: number + 1,
    message: `The log ends at link ${number} and was ${was} links long: its end was cut off, or the database is older than its data directory.`,
  }
}
