import { type Place, sample, type Step } from './place.ts'

/** How content is addressed. No key: whoever can reach the gateway reads what is public. */
export function gatewaySteps({ gateway }: Place): readonly Step[] {
  const url = `${gateway}/ipfs/${sample.cid}`
  return [
    { title: 'Read a file', text: `curl '${url}'` },
    { title: 'Read a file of a folder', text: `${gateway}/ipfs/{CID of the folder}/{path}` },
    { title: 'Show a picture on a page', text: `<img src="${gateway}/ipfs/{CID}" alt="" />` },
    { title: 'Have browsers save it under a name', text: `${url}?download=true&filename=${sample.name}` },
    { title: 'Check every block yourself', text: `curl -o hello.car '${url}?format=car'` },
  ]
}
