import { describe, expect, it, onTestFinished } from 'vitest'
import { databases, startTestApp } from './support/app.ts'

describe.each(databases)('whoever guesses passwords on %s', (database) => {
  it('is stopped as soon, and in the same words, for an address of mail that nobody has', async () => {
    const app = await startTestApp({ database, env: { PINYON_TRUSTED_PROXIES: '127.0.0.1' } })
    onTestFinished(() => app.close())
    await app.setUp()
    async function guess(email: string, from: string) {
      const answers = []
      for (let i = 0; i < 12; i++) {
        const { status, headers, body } = await app.ask('POST', '/pinyon/v1/sessions', {
          json: { email, password: 'a wrong password' },
          headers: { 'x-forwarded-for': from },
        })
        answers.push({ status, body, headers: [...headers.keys()] })
      }
      return answers
    }
    const known = await guess('owner@example.test', '198.51.100.1')
    expect(known.map(({ status }) => status)).toEqual([...Array<number>(10).fill(401), 429, 429])
    expect(await guess('nobody@example.test', '198.51.100.2')).toEqual(known)
  })
})
