const { startPinyon } = require('@pinyon/testing')

let pinyon
beforeAll(async () => {
  pinyon = await startPinyon()
}, 60_000)
afterAll(() => pinyon.stop())

test('the server answers', async () => {
  const answer = await fetch(`${pinyon.urls.api}/data/testAuthentication`, {
    headers: { authorization: `Bearer ${pinyon.key.jwt}` },
  })
  expect(answer.status).toBe(200)
})
