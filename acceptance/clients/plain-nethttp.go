// Go's net/http, as programs use it that call the API by themselves. The operations are those of plain-operations.json.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"os"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

type request struct {
	Method, Url, Credential string
	Expect                  int
	Headers                 map[string]string
	Json                    any
	Body                    *string
	Form                    [][]string
	Has                     map[string]any
	Text                    *string
	Header, Save, SaveHeader map[string]string
}

type result struct {
	Operation string `json:"operation"`
	Outcome   string `json:"outcome"`
	Detail    string `json:"detail,omitempty"`
}

var known = map[string]string{"API": os.Getenv("PINYON_API"), "GATEWAY": os.Getenv("PINYON_GATEWAY_URL")}
var variable = regexp.MustCompile(`\$([A-Z]+)`)

func fill(text string) string {
	text = strings.ReplaceAll(text, `"#NOW"`, strconv.FormatInt(time.Now().Unix(), 10))
	return variable.ReplaceAllStringFunc(text, func(name string) string { return known[name[1:]] })
}

func at(body any, path string) any {
	for _, name := range strings.Split(path, ".") {
		switch inner := body.(type) {
		case map[string]any:
			body = inner[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(inner) {
				return nil
			}
			body = inner[i]
		}
	}
	return body
}

func bodyOf(asked request) (io.Reader, string, error) {
	if asked.Json != nil {
		text, err := json.Marshal(asked.Json)
		return bytes.NewReader(text), "application/json", err
	}
	if asked.Form == nil {
		if asked.Body == nil {
			return nil, "", nil
		}
		return strings.NewReader(*asked.Body), "", nil
	}
	var buffer bytes.Buffer
	form := multipart.NewWriter(&buffer)
	for _, part := range asked.Form {
		header := textproto.MIMEHeader{}
		disposition := fmt.Sprintf(`form-data; name="%s"`, part[0])
		if len(part) == 3 {
			disposition += fmt.Sprintf(`; filename="%s"`, part[2])
			header.Set("Content-Type", "application/octet-stream")
		}
		header.Set("Content-Disposition", disposition)
		writer, err := form.CreatePart(header)
		if err != nil {
			return nil, "", err
		}
		if _, err := io.WriteString(writer, part[1]); err != nil {
			return nil, "", err
		}
	}
	return &buffer, form.FormDataContentType(), form.Close()
}

func do(raw json.RawMessage) error {
	var asked request
	if err := json.Unmarshal([]byte(fill(string(raw))), &asked); err != nil {
		return err
	}
	body, kind, err := bodyOf(asked)
	if err != nil {
		return err
	}
	outgoing, err := http.NewRequest(asked.Method, asked.Url, body)
	if err != nil {
		return err
	}
	if kind != "" {
		outgoing.Header.Set("Content-Type", kind)
	}
	for name, value := range asked.Headers {
		outgoing.Header.Set(name, value)
	}
	switch asked.Credential {
	case "none":
	case "pair":
		outgoing.Header.Add("pinata_api_key", os.Getenv("PINATA_API_KEY"))
		outgoing.Header.Add("pinata_secret_api_key", os.Getenv("PINATA_API_SECRET"))
	case "":
		outgoing.Header.Set("Authorization", "Bearer "+os.Getenv("PINATA_JWT"))
	default:
		outgoing.Header.Set("Authorization", "Bearer "+asked.Credential)
	}
	answer, err := http.DefaultClient.Do(outgoing)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode != asked.Expect {
		return fmt.Errorf("%d %s", answer.StatusCode, text)
	}
	if asked.Text != nil && string(text) != *asked.Text {
		return fmt.Errorf("answered %q", text)
	}
	for name, value := range asked.Header {
		if answer.Header.Get(name) != value {
			return fmt.Errorf("%s is %q", name, answer.Header.Get(name))
		}
	}
	for name, from := range asked.SaveHeader {
		known[name] = answer.Header.Get(from)
	}
	if len(asked.Has)+len(asked.Save) == 0 {
		return nil
	}
	var parsed any
	if err := json.Unmarshal(text, &parsed); err != nil {
		return err
	}
	for path, value := range asked.Has {
		if !reflect.DeepEqual(at(parsed, path), value) {
			return fmt.Errorf("%s is not %v: %s", path, value, text)
		}
	}
	for name, path := range asked.Save {
		known[name], _ = at(parsed, path).(string)
	}
	return nil
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var operations []struct {
		Operation string
		Requests  []json.RawMessage
	}
	if err := json.Unmarshal(text, &operations); err != nil {
		panic(err)
	}
	results := []result{}
	for _, operation := range operations {
		made := result{Operation: operation.Operation, Outcome: "works"}
		for _, each := range operation.Requests {
			if err := do(each); err != nil {
				made = result{operation.Operation, "fails", err.Error()}
				break
			}
		}
		results = append(results, made)
	}
	printed, err := json.Marshal(results)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(printed))
}
