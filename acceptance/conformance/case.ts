import type { Place } from './place.ts'

/** Where it says what is right: a page of Pinata's public documentation or of a standard, and a row of our own reference (`$API/docs`). */
export interface Section {
  readonly page: string
  /** The id of the row in our reference. */
  readonly row: string
}

/** One thing that programs rely on. */
export interface Case {
  readonly route: string
  readonly name: string
  readonly expected: string
  readonly section: Section
  /** Only this server promises it: another may answer otherwise and still be Pinata. */
  readonly isOurs?: boolean
  /** Asks, looks, and answers what it got in words. Throws `Otherwise` when that is not what was expected. */
  readonly check: (place: Place) => Promise<string>
}

/** A family of cases that share their route's row and page. */
export function casesOf(section: Section, cases: readonly Omit<Case, 'section'>[]): readonly Case[] {
  return cases.map((each) => ({ section, ...each }))
}
