const form = document.querySelector('form')
const progress = document.querySelector('progress')
const output = document.querySelector('output')

form.addEventListener('submit', async (event) => {
  event.preventDefault()
  const { api, jwt, file } = Object.fromEntries(new FormData(form))
  output.textContent = 'Uploading…'
  try {
    const { data } = await upload(`${api}/v3/files`, jwt, file)
    output.textContent = `${data.name}: ${data.cid}`
  } catch (error) {
    output.textContent = error.message
  }
})

/** By XMLHttpRequest, since fetch tells no progress of what it sends. */
function upload(url, jwt, file) {
  const body = new FormData()
  body.append('file', file)
  body.append('network', 'public')
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', url)
    request.setRequestHeader('authorization', `Bearer ${jwt}`)
    request.responseType = 'json'
    request.upload.onprogress = ({ loaded, total }) => (progress.value = loaded / total)
    request.onerror = () => reject(new Error('The server cannot be reached.'))
    request.onload = () =>
      request.status === 200
        ? resolve(request.response)
        : reject(new Error(request.response?.error?.message ?? `HTTP ${request.status}`))
    request.send(body)
  })
}
