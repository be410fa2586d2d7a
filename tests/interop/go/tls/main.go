// A client and a server of Arrow Flight over TLS, with the certificates of a folder.
//
//	tls client LOCATION FOLDER [anonymous]
//	tls server FOLDER
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
)

const rows = 1_000_000

func main() {
	var err error
	switch os.Args[1] {
	case "client":
		err = runClient(os.Args[2], os.Args[3], len(os.Args) > 4)
	case "server":
		err = runServer(os.Args[2])
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// Puts a table, and gets it back.
func runClient(location, folder string, anonymous bool) error {
	config := &tls.Config{RootCAs: authorities(folder)}
	if !anonymous {
		config.Certificates = []tls.Certificate{certificate(folder, "ada")}
	}
	address := strings.TrimPrefix(location, "grpc+tls://")
	client, err := flight.NewClientWithMiddleware(address, nil, nil,
		grpc.WithTransportCredentials(credentials.NewTLS(config)))
	if err != nil {
		return err
	}
	defer client.Close()
	record := makeRecord()
	defer record.Release()
	stream, err := client.DoPut(context.Background())
	if err != nil {
		return err
	}
	writer := flight.NewRecordWriter(stream, ipc.WithSchema(record.Schema()))
	writer.SetFlightDescriptor(&flight.FlightDescriptor{
		Type: flight.DescriptorCMD, Cmd: []byte("table"),
	})
	if err := writer.Write(record); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
	}
	got, err := client.DoGet(context.Background(), &flight.Ticket{Ticket: []byte("table")})
	if err != nil {
		return err
	}
	reader, err := flight.NewRecordReader(got)
	if err != nil {
		return err
	}
	defer reader.Release()
	next := int64(0)
	for reader.Next() {
		for _, value := range reader.RecordBatch().Column(0).(*array.Int64).Int64Values() {
			if value != next {
				return fmt.Errorf("row %d has the value %d", next, value)
			}
			next++
		}
	}
	if err := reader.Err(); err != nil {
		return err
	}
	fmt.Println(next, "rows")
	return nil
}

// Serves a table to every client that shows a certificate.
type server struct {
	flight.BaseFlightServer
}

func (*server) DoGet(_ *flight.Ticket, stream flight.FlightService_DoGetServer) error {
	record := makeRecord()
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

func runServer(folder string) error {
	config := &tls.Config{
		Certificates: []tls.Certificate{certificate(folder, "first")},
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    authorities(folder),
	}
	flightServer := flight.NewServerWithMiddleware(nil,
		grpc.Creds(credentials.NewTLS(config)))
	if err := flightServer.Init("localhost:0"); err != nil {
		return err
	}
	flightServer.RegisterFlightService(&server{})
	_, port, _ := strings.Cut(flightServer.Addr().String(), ":")
	fmt.Printf("grpc+tls://localhost:%s\n", port)
	return flightServer.Serve()
}

func makeRecord() arrow.RecordBatch {
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.PrimitiveTypes.Int64}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for value := range int64(rows) {
		builder.Field(0).(*array.Int64Builder).Append(value)
	}
	return builder.NewRecordBatch()
}

func certificate(folder, name string) tls.Certificate {
	cert, err := tls.LoadX509KeyPair(
		filepath.Join(folder, name+"_cert.pem"), filepath.Join(folder, name+"_key.pem"))
	if err != nil {
		panic(err)
	}
	return cert
}

func authorities(folder string) *x509.CertPool {
	text, err := os.ReadFile(filepath.Join(folder, "ca.pem"))
	if err != nil {
		panic(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(text)
	return pool
}
