// axios, as programs use it that call the API by themselves.
import axios from 'axios'
import { runPlain } from './plain-steps.mjs'

await runPlain(async ({ method, url, headers, form, body }) => {
  const data = form === undefined ? body : new FormData()
  for (const [name, value, filename] of form ?? [])
    data.append(name, ...(filename === undefined ? [value] : [new Blob([value]), filename]))
  const answer = await axios.request({
    method,
    url,
    headers,
    data,
    responseType: 'text',
    transformResponse: (text) => text,
    validateStatus: () => true,
  })
  return { status: answer.status, headers: answer.headers, text: answer.data ?? '' }
})
