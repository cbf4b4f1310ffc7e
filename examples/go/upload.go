// A file up, listed, read from the gateway, unpinned: with net/http.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"net/http"
	"os"
)

func call(method, address string, body io.Reader, contentType string) []byte {
	request, err := http.NewRequest(method, address, body)
	if err != nil {
		log.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+os.Getenv("PINATA_JWT"))
	if contentType != "" {
		request.Header.Set("Content-Type", contentType)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		log.Fatalf("%s %s: %s %s %v", method, address, answer.Status, text, err)
	}
	return text
}

func main() {
	api, gateway := os.Getenv("PINYON_API"), os.Getenv("PINYON_GATEWAY_URL")

	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "hello.txt")
	fmt.Fprintln(part, "Hello from Go")
	form.WriteField("network", "public")
	form.Close()
	var uploaded struct{ Data struct{ ID, CID string } }
	if err := json.Unmarshal(call("POST", api+"/v3/files", &body, form.FormDataContentType()), &uploaded); err != nil {
		log.Fatal(err)
	}
	fmt.Println("uploaded", uploaded.Data.CID)

	var listed struct{ Data struct{ Files []struct{ Name string } } }
	if err := json.Unmarshal(call("GET", api+"/v3/files/public?cid="+uploaded.Data.CID, nil, ""), &listed); err != nil {
		log.Fatal(err)
	}
	if listed.Data.Files[0].Name == "hello.txt" {
		fmt.Println("listed")
	}

	fmt.Print(string(call("GET", gateway+"/ipfs/"+uploaded.Data.CID, nil, "")))
	fmt.Println(string(call("DELETE", api+"/pinning/unpin/"+uploaded.Data.CID, nil, "")))
}
