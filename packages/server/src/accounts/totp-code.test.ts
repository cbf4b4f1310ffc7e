import { expect, it } from 'vitest'
import { codeOfStep, findStep, secretText, stepAt, totpUrl } from './totp-code.ts'

const secret = Buffer.from('12345678901234567890')

// RFC 6238, appendix B, the rows of SHA1.
it.each([
  [59, '94287082'],
  [1111111109, '07081804'],
  [1111111111, '14050471'],
  [1234567890, '89005924'],
  [2000000000, '69279037'],
  [20000000000, '65353130'],
])('makes the code of second %i that RFC 6238 gives', (seconds, code) => {
  expect(codeOfStep(secret, stepAt(seconds * 1_000), 8)).toBe(code)
})

it('takes the code of the step, the one before and the one after, and no other', () => {
  const now = 1_111_111_109_000
  const step = stepAt(now)
  for (const apart of [-1, 0, 1]) expect(findStep(secret, codeOfStep(secret, step + apart), now)).toBe(step + apart)
  for (const apart of [-2, 2]) expect(findStep(secret, codeOfStep(secret, step + apart), now)).toBeUndefined()
  for (const wrong of ['', '12345', '1234567', 'abcdef', ' 12345', '-12345'])
    expect(findStep(secret, wrong, now)).toBeUndefined()
})

it('writes a secret as apps read it', () => {
  // RFC 4648, section 10.
  expect(secretText(Buffer.from('foobar'))).toBe('MZXW6YTBOI')
  expect(totpUrl(secret, { issuer: 'Pinyon at a.test', email: 'a b@c.test' })).toBe(
    'otpauth://totp/Pinyon%20at%20a.test:a%20b%40c.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Pinyon%20at%20a.test&algorithm=SHA1&digits=6&period=30',
  )
})
