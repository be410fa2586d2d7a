package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"

	"github.com/apache/arrow-go/v18/arrow/flight"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

type known struct {
	Name, Password                                  string
	Reader, ReaderPassword                          string
	Token, ExpiredToken, ExpiredLogin, UnknownToken string
}

const (
	wrong   = "its name or password is wrong"
	revoked = "its token was revoked; log in again"
)

// Logs in by a handshake, and shows the token that it got as auth-token-bin.
type handshake struct {
	name, password, token string
}

func (h *handshake) Authenticate(_ context.Context, conn flight.AuthConn) error {
	payload, err := proto.Marshal(&flight.BasicAuth{Username: h.name, Password: h.password})
	if err != nil {
		return err
	}
	if err := conn.Send(payload); err != nil {
		return err
	}
	token, err := conn.Read()
	h.token = string(token)
	return err
}

func (h *handshake) GetToken(context.Context) (string, error) {
	return h.token, nil
}

// Tries right, wrong, missing, expired and revoked credentials.
func tryLogins(address, told, folder string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var all known
	if err := json.Unmarshal([]byte(told), &all); err != nil {
		return err
	}
	var config *tls.Config
	if folder != "" {
		config = clientTLS(folder, "")
	}
	client, err := connect(address, config, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	tryTokens(ctx, client, all)
	tryBasic(ctx, client, all)
	auth := &handshake{name: all.Name, password: all.Password}
	shaking, err := connect(address, config, auth)
	if err != nil {
		return err
	}
	defer shaking.Close()
	tryHandshake(ctx, shaking, auth, all)
	return nil
}

func tryTokens(ctx context.Context, client flight.Client, all known) {
	report("a call without a token is refused", func() error {
		return expectRefused(ctx, client, "it came without a token")
	})
	report("a token that was given out before is enough", func() error {
		return expectKnown(bearer(ctx, all.Token), client, all.Name)
	})
	for token, text := range map[string]string{
		all.UnknownToken: "its token is not valid",
		all.ExpiredToken: "its token has expired",
		all.ExpiredLogin: "its token has expired; log in again",
	} {
		report("a token is refused: "+text, func() error {
			return expectRefused(bearer(ctx, token), client, text)
		})
	}
}

func tryBasic(ctx context.Context, client flight.Client, all known) {
	report("AuthenticateBasicToken gives a token for all calls", func() error {
		authenticated, err := client.AuthenticateBasicToken(ctx, all.Name, all.Password)
		if err != nil {
			return err
		}
		record := numbers(10)
		defer record.Release()
		if err := put(authenticated, client, "public/table", record); err != nil {
			return err
		}
		got, err := get(authenticated, client, "public/table")
		return errors.Join(err, expect(got, 10), expectKnown(authenticated, client, all.Name))
	})
	for name, password := range map[string]string{all.Name: "x", "eve": all.Password, "": ""} {
		report("AuthenticateBasicToken is refused for "+name, func() error {
			_, err := client.AuthenticateBasicToken(ctx, name, password)
			return expectStatus(err, codes.Unauthenticated, wrong)
		})
	}
	report("a token of AuthenticateBasicToken is refused once it was revoked", func() error {
		authenticated, err := client.AuthenticateBasicToken(ctx, all.Name, all.Password)
		if err != nil {
			return err
		}
		md, _ := metadata.FromOutgoingContext(authenticated)
		token := md.Get("authorization")[0][len("Bearer "):]
		if _, err := act(authenticated, client, "revoke", token); err != nil {
			return err
		}
		return expectRefused(authenticated, client, revoked)
	})
	report("what the rules do not allow is PermissionDenied", func() error {
		reader, err := client.AuthenticateBasicToken(ctx, all.Reader, all.ReaderPassword)
		if err != nil {
			return err
		}
		got, err := get(reader, client, "public/table")
		record := numbers(1)
		defer record.Release()
		denied := put(reader, client, "public/table", record)
		text := `the server's rules do not allow it to "bob"`
		return errors.Join(err, expect(got, 10),
			expectStatus(denied, codes.PermissionDenied, text))
	})
}

func tryHandshake(ctx context.Context, client flight.Client, auth *handshake, all known) {
	report("without a handshake a call is refused", func() error {
		return expectRefused(ctx, client, "it came without a token")
	})
	report("a handshake gives a token for all calls", func() error {
		if err := client.Authenticate(ctx); err != nil {
			return err
		}
		return expectKnown(ctx, client, all.Name)
	})
	report("a token of a handshake is refused once it was revoked", func() error {
		if _, err := act(ctx, client, "revoke", auth.token); err != nil {
			return err
		}
		refused := expectRefused(ctx, client, revoked)
		return errors.Join(refused, client.Authenticate(ctx),
			expectKnown(ctx, client, all.Name))
	})
	report("a token of a handshake is refused once it has expired", func() error {
		auth.token = all.ExpiredLogin
		return expectRefused(ctx, client, "its token has expired; log in again")
	})
	report("a handshake with a wrong password is refused", func() error {
		auth.password = "x"
		return expectStatus(client.Authenticate(ctx), codes.Unauthenticated, wrong)
	})
}

func bearer(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

func expectKnown(ctx context.Context, client flight.Client, name string) error {
	who, err := act(ctx, client, "who", "")
	return errors.Join(err, expect(who, name))
}

// What is wrong, unless calls of every kind are refused with this text.
func expectRefused(ctx context.Context, client flight.Client, text string) error {
	record := numbers(1)
	defer record.Release()
	_, listed := list(ctx, client)
	_, info := client.GetFlightInfo(ctx, descriptor("table"))
	_, schema := client.GetSchema(ctx, descriptor("table"))
	_, got := get(ctx, client, "table")
	_, acted := act(ctx, client, "who", "")
	all := []error{listed, info, schema, got, acted, put(ctx, client, "table", record)}
	found := []error{}
	for _, err := range all {
		found = append(found, expectStatus(err, codes.Unauthenticated, text))
	}
	return errors.Join(found...)
}
