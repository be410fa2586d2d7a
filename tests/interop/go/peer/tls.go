package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"slices"

	"google.golang.org/grpc/codes"
)

// Tries good and bad certificates with a server that asks for one, and another whose own
// certificate has expired.
func tryTLS(address, folder, expiredAddress string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	report("tables come and go, with a certificate", func() error {
		return tryTables(ctx, address, clientTLS(folder, "ada"))
	})
	stranger := clientTLS(folder, "ada")
	stranger.RootCAs = authority(folder, "other_ca")
	misled := clientTLS(folder, "ada")
	misled.ServerName = "wrong.example"
	refusals := []struct {
		name, address string
		config        *tls.Config
		code          codes.Code
		text          string
	}{
		{"a client without a certificate is told so", address, clientTLS(folder, ""),
			codes.Unauthenticated, "the client shows no certificate, which the server requires"},
		{"a certificate of another authority is refused", address, clientTLS(folder, "eve"),
			codes.Unauthenticated, "certificate comes from an authority that is not trusted"},
		{"a certificate that has expired is refused", address, clientTLS(folder, "late"),
			codes.Unauthenticated, "the client's certificate has expired"},
		{"a server of another authority is refused", address, stranger,
			codes.Unavailable, "certificate signed by unknown authority"},
		{"a server with another name is refused", address, misled,
			codes.Unavailable, "certificate is valid for localhost, not wrong.example"},
		{"a server whose certificate has expired is refused", expiredAddress,
			clientTLS(folder, ""), codes.Unavailable, "certificate has expired"},
		{"a server that speaks TLS is not called without", address, nil,
			codes.Unavailable, ""},
	}
	for _, refusal := range refusals {
		report(refusal.name, func() error {
			client, err := connect(refusal.address, refusal.config, nil)
			if err != nil {
				return err
			}
			defer client.Close()
			_, err = list(ctx, client)
			return expectStatus(err, refusal.code, refusal.text)
		})
	}
	named := clientTLS(folder, "ada")
	named.ServerName = "second.example"
	report("the server has a certificate for another name, and lives on", func() error {
		return tryTables(ctx, address, named)
	})
	report("a client need not verify the server", func() error {
		config := clientTLS(folder, "ada")
		config.RootCAs = nil
		config.InsecureSkipVerify = true
		return tryTables(ctx, address, config)
	})
}

// Puts, lists, gets and drops a table, and asks who the server thinks that it talks to.
func tryTables(ctx context.Context, address string, config *tls.Config) error {
	client, err := connect(address, config, nil)
	if err != nil {
		return err
	}
	defer client.Close()
	record := numbers(rows)
	defer record.Release()
	if err := put(ctx, client, "table", record); err != nil {
		return err
	}
	names, err := list(ctx, client)
	if err != nil || !slices.Equal(names, []string{"table"}) {
		return errors.Join(err, fmt.Errorf("found the tables %v", names))
	}
	info, err := client.GetFlightInfo(ctx, descriptor("table"))
	if err != nil {
		return err
	}
	got, err := get(ctx, client, "table")
	if err != nil {
		return err
	}
	who, err := act(ctx, client, "who", "")
	if err != nil {
		return err
	}
	_, err = act(ctx, client, "drop_table", "table")
	return errors.Join(
		expect(info.TotalRecords, rows),
		expect(got, rows),
		expect(who, "ada.example DNS:ada.example,URI:spiffe://a/b"),
		err,
	)
}
