package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
)

func ask(headers map[string]string) {
	request, err := http.NewRequest("GET", os.Getenv("PINYON_API")+"/data/testAuthentication", nil)
	if err != nil {
		panic(err)
	}
	for name, value := range headers {
		request.Header.Add(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		panic(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(body))
}

func main() {
	ask(map[string]string{"Authorization": "Bearer " + os.Getenv("PINATA_JWT")})
	ask(map[string]string{
		"pinata_api_key":        os.Getenv("PINATA_API_KEY"),
		"pinata_secret_api_key": os.Getenv("PINATA_API_SECRET"),
	})
}
