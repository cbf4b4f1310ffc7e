import { keyStep, type Place, sample, type Step } from './place.ts'

/** The four steps as commands for a shell. */
export function curlSteps(place: Place): readonly Step[] {
  const { api, gateway, network, form } = place
  const key =
    form === 'jwt'
      ? '-H "Authorization: Bearer $PINYON_JWT"'
      : '-H "pinata_api_key: $PINATA_API_KEY" \\\n  -H "pinata_secret_api_key: $PINATA_API_SECRET"'
  const upload = `curl ${key} \\\n  -F file=@${sample.name} -F network=${network} \\\n  '${api}/v3/files'`
  return [
    keyStep(place),
    { title: 'Test authentication', text: `curl ${key} \\\n  '${api}/data/testAuthentication'` },
    { title: 'Upload', text: `echo '${sample.text}' > ${sample.name}\n${upload}` },
    { title: 'List', text: `curl ${key} \\\n  '${api}/v3/files/${network}?limit=10'` },
    {
      title: 'Read back',
      text:
        network === 'public'
          ? `curl '${gateway}/ipfs/${sample.cid}'`
          : `ID='the id that the upload answered'\ncurl ${key} \\\n  "${api}/pinyon/v1/files/$ID/content"`,
    },
  ]
}
