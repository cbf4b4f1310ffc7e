// A drop: so many pictures as one folder, then their metadata, which name them, as another. How many is the argument
// (10,000 when left out). The base of the token addresses is printed at the end.
const { PINYON_API, PINYON_GATEWAY_URL, PINATA_JWT } = process.env
const count = Number(process.argv[2] ?? 10_000)

const numbers = Array.from({ length: count }, (_, at) => at + 1)
const picture = (number) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"><path fill="hsl(${(number * 137) % 360} 60% 40%)" d="M5 1l3 6H2z"/><text y="9" font-size="2">${number}</text></svg>`

const pictures = await upload('pictures', (number) => [`${number}.svg`, picture(number)])
const metadata = await upload('metadata', (number) => [
  `${number}.json`,
  JSON.stringify({ name: `Pinyon #${number}`, image: `ipfs://${pictures.IpfsHash}/${number}.svg` }),
])

const last = await (await fetch(`${PINYON_GATEWAY_URL}/ipfs/${metadata.IpfsHash}/${count}.json`)).json()
const image = await fetch(last.image.replace('ipfs://', `${PINYON_GATEWAY_URL}/ipfs/`))
if (last.name !== `Pinyon #${count}` || (await image.text()) !== picture(count))
  throw new Error('the last one reads wrong')
console.log(`ipfs://${metadata.IpfsHash}/`)

/** One folder in one request. */
async function upload(folder, fileOf) {
  const started = performance.now()
  const form = new FormData()
  for (const number of numbers) {
    const [name, content] = fileOf(number)
    form.append('file', new Blob([content]), `${folder}/${name}`)
  }
  form.append('pinataMetadata', JSON.stringify({ name: `drop ${folder}` }))
  form.append('pinataOptions', JSON.stringify({ cidVersion: 1 }))
  const answer = await fetch(`${PINYON_API}/pinning/pinFileToIPFS`, {
    method: 'POST',
    headers: { authorization: `Bearer ${PINATA_JWT}` },
    body: form,
  })
  if (!answer.ok) throw new Error(`${folder}: ${answer.status} ${await answer.text()}`)
  const made = await answer.json()
  if (made.NumberOfFiles !== count) throw new Error(`${folder}: ${made.NumberOfFiles} of ${count} files arrived`)
  console.log(`${folder}: ${count} files, ${((performance.now() - started) / 1000).toFixed(1)} s`)
  return made
}
