// Clients and a server of Arrow Flight in Go, over TLS and with logins.
//
//	peer tls ADDRESS FOLDER EXPIRED_ADDRESS
//	peer logins ADDRESS CREDENTIALS FOLDER
//	peer load ADDRESS FOLDER
//	peer server FOLDER [basic | handshake]
//
// FOLDER has the certificates of ../../tls/certificates.ts. CREDENTIALS are those of
// ../../logins/login_server.ts, as JSON. The first two report each case as a line of JSON,
// as ../../python/cases.py does.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	args := os.Args[2:]
	var err error
	switch os.Args[1] {
	case "tls":
		tryTLS(args[0], args[1], args[2])
	case "logins":
		err = tryLogins(args[0], args[1], args[2])
	case "load":
		err = load(args[0], args[1])
	case "server":
		err = serve(args[0], args[1:])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// Reports a case, which gives what is wrong.
func report(name string, run func() error) {
	line := struct {
		Name  string  `json:"name"`
		Error *string `json:"error"`
	}{Name: name}
	if err := run(); err != nil {
		text := err.Error()
		line.Error = &text
	}
	if err := json.NewEncoder(os.Stdout).Encode(line); err != nil {
		panic(err)
	}
}
