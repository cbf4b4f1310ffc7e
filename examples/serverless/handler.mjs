// A function in the style of edge and serverless platforms: it takes a Request and answers a Response. Its visitors get a
// link that takes one picture of at most 5 MB within ten minutes; the key never leaves the function.
//
// The page then does: await fetch(url, { method: 'POST', body: form }), with the file in the form's field `file`.

/** POST: answers {"url": "…"}. Ask here who the visitor is before you sign for them. */
export default async function handler(request) {
  if (request.method !== 'POST') return Response.json({ error: 'POST only' }, { status: 405 })
  const { filename = 'picture' } = await request.json().catch(() => ({}))
  const signed = await fetch(`${process.env.PINYON_API}/v3/files/sign`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.PINATA_JWT}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      date: Math.floor(Date.now() / 1000),
      expires: 600,
      network: 'public',
      filename: String(filename).slice(0, 100),
      max_file_size: 5_000_000,
      allow_mime_types: ['image/*'],
    }),
  })
  if (!signed.ok) return Response.json({ error: 'no link can be made now' }, { status: 502 })
  const { data: url } = await signed.json()
  return Response.json({ url })
}
