// Loaded before the official compliance checker: where that would download the description of the API (and, failing
// that, leave four checks out without a word), it gets the copy beside this file. What it reads that with asks for
// functions that Node has no more, and would leave out the same four.
import { createReadStream } from 'node:fs'
import https from 'node:https'
import { EventEmitter } from 'node:events'
import { syncBuiltinESMExports } from 'node:module'
import util from 'node:util'

const spec = new URL('pinning-service-v1.0.0.yaml', import.meta.url)
const get = https.get
https.get = (url, ...rest) => {
  if (!String(url.href ?? url.path ?? url).includes('pinning-services-api-spec')) return get(url, ...rest)
  const file = Object.assign(createReadStream(spec), { statusCode: 200, headers: {} })
  const request = Object.assign(new EventEmitter(), { setTimeout() {} })
  const onResponse = rest.at(-1)
  if (typeof onResponse === 'function') request.once('response', onResponse)
  setImmediate(() => request.emit('response', file))
  return request
}
util.isFunction ??= (value) => typeof value === 'function'
util.isNumber ??= (value) => typeof value === 'number'
util.isObject ??= (value) => typeof value === 'object' && value !== null
util.isUndefined ??= (value) => value === undefined
syncBuiltinESMExports()
