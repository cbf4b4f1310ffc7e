import { describe, expect, it } from 'vitest'
import { AppError } from './errors.ts'
import { openLog } from './log.ts'

class Damaged extends AppError {
  readonly multihash = Buffer.from([0x12, 0x20, 0xff])
  override readonly name = 'Damaged'
}

function logged(fields: object): Record<string, unknown> {
  const lines: string[] = []
  openLog({ level: 'info', readable: false, to: { write: (line) => void lines.push(line) } }).error(fields, 'said')
  expect(lines).toHaveLength(1)
  return JSON.parse(lines[0] ?? '') as Record<string, unknown> // a line is an object
}

describe('the log', () => {
  it('tells the whole of an error that carries bytes, and its cause', () => {
    const cause = new TypeError('the disk is gone')
    expect(logged({ err: new Damaged('storage_failed', 'A block is damaged', { cause }) })).toMatchObject({
      msg: 'said',
      err: {
        type: 'Damaged',
        message: 'A block is damaged: the disk is gone',
        stack: expect.stringContaining('caused by: TypeError: the disk is gone'),
        multihash: '1220ff',
      },
    })
  })

  it('takes whatever is given to it', () => {
    const itself: Record<string, unknown> = { name: 'loop' }
    itself['itself'] = itself
    expect(
      logged({
        url: new URL('http://127.0.0.1/a'),
        when: new Date(0),
        count: 10n,
        names: new Set(['a']),
        by: new Map([['a', new Uint8Array(100)]]),
        nothing: null,
        itself,
      }),
    ).toMatchObject({
      url: 'http://127.0.0.1/a',
      when: '1970-01-01T00:00:00.000Z',
      count: '10',
      names: ['a'],
      by: [['a', `${'00'.repeat(64)}... (100 bytes)`]],
      nothing: null,
      itself: { name: 'loop', itself: { name: 'loop' } },
    })
  })

  it('hides secrets at the first three depths', () => {
    const deep = { password: 'p', of: { token: 't', of: { jwt: 'j' } } }
    expect(
      logged({ secret: 's', err: Object.assign(new Error('x'), { request: { token: 't' } }), ...deep }),
    ).toMatchObject({
      secret: '[secret]',
      password: '[secret]',
      of: { token: '[secret]', of: { jwt: '[secret]' } },
      err: { request: { token: '[secret]' } },
    })
  })
})
