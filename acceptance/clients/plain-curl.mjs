// cURL: each request is a command as one would type it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { runPlain } from './plain-steps.mjs'

const run = promisify(execFile)

await runPlain(async ({ method, url, headers, form, body }) => {
  const args = ['-sS', '-i', '--http1.1', '--cacert', process.env.NODE_EXTRA_CA_CERTS]
  args.push(...(method === 'HEAD' ? ['--head'] : ['--request', method]))
  for (const [name, value] of Object.entries(headers)) args.push('--header', `${name}: ${value}`)
  for (const [name, value, filename] of form ?? [])
    args.push(
      ...(filename === undefined
        ? ['--form-string', `${name}=${value}`]
        : ['--form', `${name}=${value};filename=${filename}`]),
    )
  if (body !== undefined) args.push('--data-binary', body)
  const { stdout } = await run('curl', [...args, url])
  const end = stdout.indexOf('\r\n\r\n')
  const [first, ...lines] = stdout.slice(0, end).split('\r\n')
  const pairs = lines.map((line) => [
    line.slice(0, line.indexOf(':')).toLowerCase(),
    line.slice(line.indexOf(':') + 1).trim(),
  ])
  return { status: Number(first.split(' ')[1]), headers: Object.fromEntries(pairs), text: stdout.slice(end + 4) }
})
