// The operations of `plain-operations.json`, whatever sends their requests: what is filled in, and what is looked at.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { assert, report, step } from './steps.mjs'

/** Does each operation; `send({ method, url, headers, form, body })` gives `{ status, headers, text }`, names of headers in lower case. */
export async function runPlain(send) {
  const operations = JSON.parse(await readFile(join(import.meta.dirname, 'plain-operations.json'), 'utf8'))
  const known = { API: process.env.PINYON_API, GATEWAY: process.env.PINYON_GATEWAY_URL }
  const fill = (value) => {
    if (value === '#NOW') return Math.floor(Date.now() / 1000)
    if (typeof value === 'string') return value.replaceAll(/\$([A-Z]+)/g, (_, name) => known[name] ?? '')
    if (Array.isArray(value)) return value.map(fill)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, fill(inner)]))
  }
  for (const { operation, requests } of operations) {
    await step(operation, async () => {
      for (const request of requests) {
        const { method, url, form, json, body, headers = {}, credential } = fill(request)
        const sent = { ...headers, ...credentialOf(credential) }
        if (json !== undefined) sent['Content-Type'] = 'application/json'
        const content = json === undefined ? body : JSON.stringify(json)
        check(fill(request), known, await send({ method, url, headers: sent, form, body: content }))
      }
    })
  }
  report()
}

function credentialOf(credential) {
  if (credential === 'none') return {}
  if (credential === 'pair')
    return { pinata_api_key: process.env.PINATA_API_KEY, pinata_secret_api_key: process.env.PINATA_API_SECRET }
  return { Authorization: `Bearer ${credential ?? process.env.PINATA_JWT}` }
}

function check({ expect, has = {}, text, header = {}, save = {}, saveHeader = {} }, known, answer) {
  assert.equal(answer.status, expect, answer.text)
  if (text !== undefined) assert.equal(answer.text, text)
  for (const [name, value] of Object.entries(header)) assert.equal(answer.headers[name], value)
  for (const [name, from] of Object.entries(saveHeader)) known[name] = answer.headers[from]
  const body = Object.keys({ ...has, ...save }).length === 0 ? undefined : JSON.parse(answer.text)
  for (const [path, value] of Object.entries(has)) assert.deepEqual(at(body, path), value)
  for (const [name, path] of Object.entries(save)) known[name] = at(body, path)
}

const at = (body, path) => (path === '' ? body : path.split('.').reduce((inner, name) => inner?.[name], body))
