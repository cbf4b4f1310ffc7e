import { expect, it } from 'vitest'
import { toCsv } from './to-csv.ts'

it('writes rows as spreadsheets read them, and no formula of others', () => {
  const rows = [
    ['page', 'requests'],
    ['https://a.example/?q="x",y', 3],
    ['=HYPERLINK("https://evil.example")', -1],
    ['+1', 0],
    ['two\nlines', 1],
  ]
  expect(toCsv(rows)).toBe(
    'page,requests\r\n"https://a.example/?q=""x"",y",3\r\n"\'=HYPERLINK(""https://evil.example"")",-1\r\n\'+1,0\r\n"two\nlines",1\r\n',
  )
})
