package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
)

const connections = 2

// Makes connections and calls until standard input ends, and prints how many it made.
func load(address, folder string) error {
	ctx, cancel := context.WithCancelCause(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel(nil)
	}()
	var made atomic.Int64
	var workers sync.WaitGroup
	for range connections {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for ctx.Err() == nil {
				if err := connectAndCall(address, folder); err != nil {
					cancel(err)
				}
				if made.Add(1) == connections {
					fmt.Println("begun")
				}
			}
		}()
	}
	workers.Wait()
	if err := context.Cause(ctx); err != context.Canceled {
		return err
	}
	fmt.Println(made.Load())
	return nil
}

// Makes a connection, and calls over it while others are made.
func connectAndCall(address, folder string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	client, err := connect(address, clientTLS(folder, "ada"), nil)
	if err != nil {
		return err
	}
	defer client.Close()
	for range 5 {
		got, err := get(ctx, client, "table")
		if err != nil {
			return err
		}
		if err := expect(got, 1000); err != nil {
			return err
		}
	}
	return nil
}
