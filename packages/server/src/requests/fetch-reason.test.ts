import { describe, expect, it } from 'vitest'
import { NoSource, type Tried } from '../ipfs/node/node.ts'
import { beyondMaxAddresses } from '../ipfs/node/origin.ts'
import { AppError } from '../lib/errors.ts'
import { readSetback, splitDetail } from './fetch-reason.ts'

describe('the reason that nobody gave a block', () => {
  it('tells addresses that may not be dialled from those beyond the number that is', () => {
    const tried: Tried[] = [
      { source: 'a', outcome: 'refused', detail: 'it is private', blocks: 0 },
      { source: 'b', outcome: 'refused', detail: beyondMaxAddresses, blocks: 0 },
      { source: 'c', outcome: 'refused', detail: beyondMaxAddresses, blocks: 0 },
    ]
    const { detail } = readSetback(new NoSource(), { node: { kind: 'embedded' }, tried, origins: ['a', 'b', 'c'] })
    expect(detail).toContain('(1 address refused: private ones are dialled only where the operator permits it')
    expect(detail).toContain('; 2 addresses not dialled: only 10 addresses are dialled)')
  })
})

it('says of content that cannot be read what to do next', () => {
  const error = new AppError('invalid_block', 'A block is malformed')
  const { detail } = readSetback(error, { node: { kind: 'embedded' }, tried: [], origins: [] })
  expect(splitDetail(detail)).toEqual({
    message: 'The content cannot be pinned. A block is malformed.',
    advice: 'Look whether it is the right CID; trying this one again does not help.',
  })
})
