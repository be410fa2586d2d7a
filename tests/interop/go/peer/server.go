package main

import (
	"crypto/tls"
	"fmt"
	"strings"
	"sync"

	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
)

// Serves the numbers to every client that shows a certificate and, if asked to, is Ada.
type server struct {
	flight.BaseFlightServer
	tokens *tokens
}

func (*server) DoGet(_ *flight.Ticket, stream flight.FlightService_DoGetServer) error {
	record := numbers(rows)
	defer record.Release()
	writer := flight.NewRecordWriter(stream, ipc.WithSchema(record.Schema()))
	defer writer.Close()
	for at := int64(0); at < rows; at += rows / 10 {
		slice := record.NewSlice(at, at+rows/10)
		err := writer.Write(slice)
		slice.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *server) DoAction(action *flight.Action, stream flight.FlightService_DoActionServer) error {
	switch action.Type {
	case "who":
		who, _ := flight.AuthFromContext(stream.Context()).(string)
		return stream.Send(&flight.Result{Body: []byte(who)})
	case "revoke":
		s.tokens.revoke()
		return nil
	}
	return status.Error(codes.Unimplemented, action.Type)
}

func serve(folder string, words []string) error {
	config := &tls.Config{
		Certificates: []tls.Certificate{certificate(folder, "first")},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authority(folder, "ca"),
	}
	service := &server{tokens: &tokens{}}
	middleware := []flight.ServerMiddleware{}
	for _, word := range words {
		switch word {
		case "basic":
			middleware = append(middleware, flight.CreateServerBasicAuthMiddleware(service.tokens))
		case "handshake":
			service.SetAuthHandler(shaken{service.tokens})
		}
	}
	flightServer := flight.NewServerWithMiddleware(middleware,
		grpc.Creds(credentials.NewTLS(config)))
	if err := flightServer.Init("localhost:0"); err != nil {
		return err
	}
	flightServer.RegisterFlightService(service)
	_, port, _ := strings.Cut(flightServer.Addr().String(), ":")
	fmt.Printf("grpc+tls://localhost:%s\n", port)
	return flightServer.Serve()
}

// The tokens of Ada, of which only the last is valid.
type tokens struct {
	lock  sync.Mutex
	count int
	last  string
}

func (t *tokens) Validate(name, password string) (string, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if name != "ada" || password != "love:läce 漢" {
		return "", status.Error(codes.Unauthenticated, "wrong password")
	}
	t.count++
	t.last = fmt.Sprintf("token-%d", t.count)
	return t.last, nil
}

func (t *tokens) IsValid(token string) (interface{}, error) {
	t.lock.Lock()
	defer t.lock.Unlock()
	if token == "" || token != t.last {
		return nil, status.Error(codes.Unauthenticated, "token revoked")
	}
	return "ada", nil
}

func (t *tokens) revoke() {
	t.lock.Lock()
	defer t.lock.Unlock()
	t.last = ""
}

// Gives tokens for the handshakes of Ada.
type shaken struct {
	*tokens
}

func (s shaken) Authenticate(conn flight.AuthConn) error {
	payload, err := conn.Read()
	if err != nil {
		return err
	}
	var shown flight.BasicAuth
	if err := proto.Unmarshal(payload, &shown); err != nil {
		return err
	}
	token, err := s.Validate(shown.Username, shown.Password)
	if err != nil {
		return err
	}
	return conn.Send([]byte(token))
}
