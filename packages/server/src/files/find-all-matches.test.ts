import { expect, it } from 'vitest'
import { findRareParts } from './find-all-matches.ts'

const names = [
  'lucky dragon item 1.png',
  'lucky token item 2.png',
  'lucky punk item 3.png',
  'golden dragon item 4.png',
  'golden dragon item 5.png',
  'red dragon item 6.png',
]

it('asks the index for the two parts of a needle that are rarest together', () => {
  expect(findRareParts('en lucky', names).sort()).toEqual([' lu', 'en '])
  expect(findRareParts('red dragon', names)).toEqual(['red', 'ed '])
})

it('asks for parts that have a whole trigram in the index, and for all of a needle that has none', () => {
  expect(findRareParts('a b', names)).toEqual(['a b'])
  expect(findRareParts('%_!', names)).toEqual(['%_!'])
  expect(findRareParts('m 9', names)).toEqual(['m 9'])
  expect(findRareParts('dra', names)).toEqual(['dra'])
})

it('knows that a word at the beginning of a name counts as one behind a space', () => {
  expect(findRareParts(' lu', ['lucky'])).toEqual([' lu'])
  expect(findRareParts('x lucky red', ['lucky', 'lucky', 'x red'])).not.toContain('luc')
})
