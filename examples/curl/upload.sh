#!/bin/sh
# A file up, listed, read from the gateway, unpinned.
set -eu

file=$(mktemp)
trap 'rm -f "$file"' EXIT
echo "Hello from cURL" > "$file"

answer=$(curl -sS --fail-with-body -H "Authorization: Bearer $PINATA_JWT" \
  -F "file=@$file;filename=hello.txt" -F network=public "$PINYON_API/v3/files")
cid=$(printf %s "$answer" | sed 's/.*"cid":"\([^"]*\)".*/\1/')
echo "uploaded $cid"

curl -sS --fail-with-body -G -H "Authorization: Bearer $PINATA_JWT" \
  --data-urlencode "cid=$cid" "$PINYON_API/v3/files/public" | grep -q hello.txt && echo "listed"

curl -sS --fail-with-body "$PINYON_GATEWAY_URL/ipfs/$cid"
curl -sS --fail-with-body -X DELETE -H "Authorization: Bearer $PINATA_JWT" "$PINYON_API/pinning/unpin/$cid" && echo
