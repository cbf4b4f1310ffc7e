import os

import requests

url = os.environ["PINYON_API"] + "/data/testAuthentication"

answer = requests.get(url, headers={"Authorization": "Bearer " + os.environ["PINATA_JWT"]})
print(answer.json()["message"])

answer = requests.get(url, headers={
    "pinata_api_key": os.environ["PINATA_API_KEY"],
    "pinata_secret_api_key": os.environ["PINATA_API_SECRET"],
})
print(answer.json()["message"])
