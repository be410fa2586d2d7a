package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

const (
	rows = 1_000_000
	// No call takes as long.
	patience = 60 * time.Second
)

// A client of the server at this address; without TLS when there is no config.
func connect(address string, config *tls.Config, auth flight.ClientAuthHandler) (flight.Client, error) {
	secure := insecure.NewCredentials()
	if config != nil {
		secure = credentials.NewTLS(config)
	}
	return flight.NewClientWithMiddleware(address, auth, nil, grpc.WithTransportCredentials(secure))
}

// Puts a table.
func put(ctx context.Context, client flight.Client, name string, record arrow.RecordBatch) error {
	stream, err := client.DoPut(ctx)
	if err != nil {
		return err
	}
	writer := flight.NewRecordWriter(stream, ipc.WithSchema(record.Schema()))
	writer.SetFlightDescriptor(descriptor(name))
	// A stream that the server has ended says why when it is read.
	if err := writer.Write(record); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := writer.Close(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if err := stream.CloseSend(); err != nil {
		return err
	}
	for {
		if _, err := stream.Recv(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Gets a table of the numbers from 0 on, and gives how many there are.
func get(ctx context.Context, client flight.Client, name string) (int64, error) {
	stream, err := client.DoGet(ctx, &flight.Ticket{Ticket: []byte(name)})
	if err != nil {
		return 0, err
	}
	reader, err := flight.NewRecordReader(stream)
	if err != nil {
		return 0, err
	}
	defer reader.Release()
	next := int64(0)
	for reader.Next() {
		for _, value := range reader.RecordBatch().Column(0).(*array.Int64).Int64Values() {
			if value != next {
				return 0, fmt.Errorf("row %d has the value %d", next, value)
			}
			next++
		}
	}
	return next, reader.Err()
}

// The names of all tables.
func list(ctx context.Context, client flight.Client) ([]string, error) {
	stream, err := client.ListFlights(ctx, &flight.Criteria{})
	if err != nil {
		return nil, err
	}
	names := []string{}
	for {
		info, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return names, nil
		} else if err != nil {
			return nil, err
		}
		names = append(names, string(info.GetFlightDescriptor().GetCmd()))
	}
}

// Does an action, and gives its one result, if there is one.
func act(ctx context.Context, client flight.Client, kind, body string) (string, error) {
	stream, err := client.DoAction(ctx, &flight.Action{Type: kind, Body: []byte(body)})
	if err != nil {
		return "", err
	}
	results := []string{}
	for {
		result, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return strings.Join(results, ""), nil
		} else if err != nil {
			return "", err
		}
		results = append(results, string(result.GetBody()))
	}
}

func descriptor(name string) *flight.FlightDescriptor {
	return &flight.FlightDescriptor{Type: flight.DescriptorCMD, Cmd: []byte(name)}
}

// The numbers from 0 on.
func numbers(count int64) arrow.RecordBatch {
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: arrow.PrimitiveTypes.Int64}}, nil)
	builder := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	defer builder.Release()
	for value := range count {
		builder.Field(0).(*array.Int64Builder).Append(value)
	}
	return builder.NewRecordBatch()
}

// What is wrong, unless the error has this code and this text.
func expectStatus(err error, code codes.Code, text string) error {
	if status.Code(err) != code || !strings.Contains(status.Convert(err).Message(), text) {
		return fmt.Errorf("found %v, expected %v with %q", err, code, text)
	}
	return nil
}

// What is wrong, unless both are equal.
func expect[T comparable](found, expected T) error {
	if found != expected {
		return fmt.Errorf("found %v, expected %v", found, expected)
	}
	return nil
}
