import axios from 'axios'

const url = `${process.env.PINYON_API}/data/testAuthentication`
const headers =
  process.env.FORM === 'headers'
    ? { pinata_api_key: process.env.PINATA_API_KEY, pinata_secret_api_key: process.env.PINATA_API_SECRET }
    : { Authorization: `Bearer ${process.env.PINATA_JWT}` }

const { data } = await axios.get(url, { headers })
console.log(data.message)
