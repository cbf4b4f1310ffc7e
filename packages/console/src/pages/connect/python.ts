import { keyStep, type Place, sample, type Step } from './place.ts'

/** A program for Python with requests, in its pieces. */
export function pythonSteps(place: Place): readonly Step[] {
  const { api, gateway, network, form } = place
  const headers =
    form === 'jwt'
      ? 'headers = {"Authorization": "Bearer " + os.environ["PINYON_JWT"]}'
      : `headers = {
    "pinata_api_key": os.environ["PINATA_API_KEY"],
    "pinata_secret_api_key": os.environ["PINATA_API_SECRET"],
}`
  const readBack =
    network === 'public'
      ? `requests.get("${gateway}/ipfs/" + upload["cid"])`
      : 'requests.get(api + "/pinyon/v1/files/" + upload["id"] + "/content", headers=headers)'
  return [
    { title: 'Install', text: 'python3 -m pip install requests' },
    keyStep(place),
    {
      title: 'Test authentication',
      text: `import os
import requests

api = "${api}"
${headers}

test = requests.get(api + "/data/testAuthentication", headers=headers)
print(test.status_code, test.text)`,
    },
    {
      title: 'Upload',
      text: `answer = requests.post(
    api + "/v3/files",
    headers=headers,
    files={"file": ("${sample.name}", b"${sample.text}\\n")},
    data={"network": "${network}"},
)
answer.raise_for_status()
upload = answer.json()["data"]
print(upload["id"], upload["cid"])`,
    },
    {
      title: 'List',
      text: `files = requests.get(api + "/v3/files/${network}", headers=headers, params={"limit": 10})
for file in files.json()["data"]["files"]:
    print(file["name"], file["size"], file["cid"])`,
    },
    { title: 'Read back', text: `back = ${readBack}\nprint(back.text)` },
  ]
}
