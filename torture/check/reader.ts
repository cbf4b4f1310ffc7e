import type { Answer, Ask, Driver } from '../load/driver.ts'

/** Reads an installation for the checker. What cannot be read is itself a violation. */
export interface Reader {
  readonly driver: Driver
  readonly wrong: string[]
  /** The answer; undefined, with a violation, when the status is none of `expected`. */
  get(
    path: string,
    options?: Pick<Ask, 'as' | 'headers'> & { expected?: readonly number[] },
  ): Promise<Answer | undefined>
  /** Every item of a list that is paged by a token. */
  listAll<T>(path: string, as: number, page: (body: any) => { items: T[]; next: string | null }): Promise<T[]> // oxlint-disable-line typescript/no-explicit-any -- the body is whatever the list answers
}

/** Opens one that adds to `wrong`. */
export function openReader(driver: Driver, wrong: string[]): Reader {
  const reader: Reader = {
    driver,
    wrong,
    async get(path, { expected = [200], ...options } = {}) {
      const answer = await driver.ask({ method: 'GET', path, ...options })
      const short = path.replace(/^https?:\/\/[^/]+/, '')
      if (answer === undefined) wrong.push(`GET ${short} was not answered`)
      else if (!expected.includes(answer.status))
        wrong.push(`GET ${short} answered ${answer.status} ${answer.text.slice(0, 200)}`)
      else return answer
      return undefined
    },
    async listAll(path, as, page) {
      const items = []
      for (let next: string | null = ''; next !== null;) {
        const token = next === '' ? '' : `&pageToken=${encodeURIComponent(next)}`
        const answer = await reader.get(`${path}${path.includes('?') ? '&' : '?'}limit=1000${token}`, { as })
        if (answer === undefined) return items
        const read = page(answer.body)
        items.push(...read.items)
        next = read.next
      }
      return items
    },
  }
  return reader
}
