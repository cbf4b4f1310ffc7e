"""A file up, listed, read from the gateway, unpinned: with the standard library alone."""

import json
import os
import urllib.request
import uuid

api, gateway, jwt = (os.environ[name] for name in ("PINYON_API", "PINYON_GATEWAY_URL", "PINATA_JWT"))


def call(method, path, body=None, content_type="application/json"):
    request = urllib.request.Request(api + path, data=body, method=method)
    request.add_header("Authorization", f"Bearer {jwt}")
    if body is not None:
        request.add_header("Content-Type", content_type)
    with urllib.request.urlopen(request) as answer:
        return answer.read().decode()


def form(name, content, **fields):
    boundary = uuid.uuid4().hex
    parts = [f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/plain\r\n\r\n{content}']
    parts += [f'Content-Disposition: form-data; name="{key}"\r\n\r\n{value}' for key, value in fields.items()]
    body = "".join(f"--{boundary}\r\n{part}\r\n" for part in parts) + f"--{boundary}--\r\n"
    return body.encode(), f"multipart/form-data; boundary={boundary}"


file = json.loads(call("POST", "/v3/files", *form("hello.txt", "Hello from Python\n", network="public")))["data"]
print("uploaded", file["cid"])

listed = json.loads(call("GET", f"/v3/files/public?cid={file['cid']}"))["data"]["files"]
if listed[0]["name"] == "hello.txt":
    print("listed")

with urllib.request.urlopen(f"{gateway}/ipfs/{file['cid']}") as answer:
    print(answer.read().decode(), end="")
print(call("DELETE", f"/pinning/unpin/{file['cid']}"))
