# Python's requests, as programs use it that call the API by themselves. The operations are those of plain-operations.json.
import json
import os
import re
import time

import requests

known = {"API": os.environ["PINYON_API"], "GATEWAY": os.environ["PINYON_GATEWAY_URL"]}
results = []


def fill(value):
    if value == "#NOW":
        return int(time.time())
    if isinstance(value, str):
        return re.sub(r"\$([A-Z]+)", lambda match: str(known.get(match[1], "")), value)
    if isinstance(value, list):
        return [fill(each) for each in value]
    if isinstance(value, dict):
        return {name: fill(each) for name, each in value.items()}
    return value


def at(body, path):
    for name in [] if path == "" else path.split("."):
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


def credential_of(credential):
    if credential == "none":
        return {}
    if credential == "pair":
        return {"pinata_api_key": os.environ["PINATA_API_KEY"], "pinata_secret_api_key": os.environ["PINATA_API_SECRET"]}
    return {"Authorization": "Bearer " + (credential or os.environ["PINATA_JWT"])}


def do(given):
    asked = fill(given)
    headers = {**asked.get("headers", {}), **credential_of(asked.get("credential"))}
    form = [(part[0], (part[2], part[1]) if len(part) == 3 else (None, part[1])) for part in asked.get("form", [])]
    more = {"json": asked["json"]} if "json" in asked else {"files": form} if form else {"data": asked.get("body")}
    answer = requests.request(asked["method"], asked["url"], headers=headers, **more)
    assert answer.status_code == asked["expect"], (answer.status_code, answer.text)
    if "text" in asked:
        assert answer.text == asked["text"], answer.text
    for name, value in asked.get("header", {}).items():
        assert answer.headers[name] == value, dict(answer.headers)
    for name, path in asked.get("saveHeader", {}).items():
        known[name] = answer.headers[path]
    for path, value in asked.get("has", {}).items():
        assert at(answer.json(), path) == value, answer.text
    for name, path in asked.get("save", {}).items():
        known[name] = at(answer.json(), path)


with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "plain-operations.json")) as file:
    operations = json.load(file)
for each in operations:
    try:
        for request in each["requests"]:
            do(request)
        results.append({"operation": each["operation"], "outcome": "works"})
    except Exception as error:  # whatever it is, it is the result
        results.append({"operation": each["operation"], "outcome": "fails", "detail": repr(error)[:300]})
print(json.dumps(results))
