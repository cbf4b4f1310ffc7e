import { keyStep, type Place, sample, type Step } from './place.ts'

/** A program for Go with nothing but its standard library. Go takes no pieces, so it is one. */
export function goSteps(place: Place): readonly Step[] {
  return [keyStep(place), { title: 'Program', text: program(place) }]
}

function program({ api, gateway, network, form }: Place): string {
  const headers =
    form === 'jwt'
      ? '	request.Header.Set("Authorization", "Bearer "+os.Getenv("PINYON_JWT"))'
      : `	request.Header.Set("pinata_api_key", os.Getenv("PINATA_API_KEY"))
	request.Header.Set("pinata_secret_api_key", os.Getenv("PINATA_API_SECRET"))`
  const readBack =
    network === 'public'
      ? `ask("GET", "${gateway}/ipfs/"+upload.Data.CID, "", nil)`
      : 'ask("GET", api+"/pinyon/v1/files/"+upload.Data.ID+"/content", "", nil)'
  return `package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"strings"
)

const api = "${api}"

func ask(method, url, contentType string, body io.Reader) []byte {
	request, err := http.NewRequest(method, url, body)
	if err != nil {
		panic(err)
	}
	// The gateway needs no key, so it gets none.
	if strings.HasPrefix(url, api) {
	${headers.replaceAll('\n', '\n\t')}
	}
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(answer.Status, string(text))
	return text
}

func main() {
	// Test authentication
	ask("GET", api+"/data/testAuthentication", "", nil)

	// Upload
	var form bytes.Buffer
	writer := multipart.NewWriter(&form)
	part, _ := writer.CreateFormFile("file", "${sample.name}")
	part.Write([]byte("${sample.text}\\n"))
	writer.WriteField("network", "${network}")
	writer.Close()
	answer := ask("POST", api+"/v3/files", writer.FormDataContentType(), &form)
	var upload struct{ Data struct{ ID, CID string } }
	if err := json.Unmarshal(answer, &upload); err != nil {
		panic(err)
	}

	// List
	ask("GET", api+"/v3/files/${network}?limit=10", "", nil)

	// Read back
	${readBack}
}`
}
