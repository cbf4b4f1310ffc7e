// Loaded into a server to break what the rig of malformed requests holds it to: now and then JSON is looked at for too
// long, and a refusal cannot be written.
const { parse, stringify } = JSON
let parsed = 0
let refused = 0

JSON.parse = (...args) => {
  if (++parsed % 397 === 0) for (const until = performance.now() + 600; performance.now() < until;);
  return parse(...args)
}

/** @type {typeof JSON.stringify} */
JSON.stringify = (/** @type {Parameters<typeof stringify>} */ ...args) => {
  const [value] = /** @type {[{ error?: { code?: unknown } } | undefined]} */ (/** @type {unknown} */ (args))
  if (value?.error?.code === 404 && ++refused % 53 === 0) throw new TypeError('broken on purpose')
  return stringify(...args)
}
