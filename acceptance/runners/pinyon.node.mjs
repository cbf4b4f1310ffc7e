import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { startPinyon } from '@pinyon/testing'

let pinyon
before(async () => {
  pinyon = await startPinyon()
})
after(() => pinyon.stop())

test('the server answers', async () => {
  const answer = await fetch(`${pinyon.urls.api}/data/testAuthentication`, {
    headers: { authorization: `Bearer ${pinyon.key.jwt}` },
  })
  assert.equal(answer.status, 200)
})
