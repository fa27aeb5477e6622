package main

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"burnline/internal/harness"
	"burnline/internal/harness/patience"
)

// fetch is a command of scripts: it asks for an address, again while nothing answers there, and
// shows what comes. With a file before it that is posted as JSON.
//
//	fetch [FILE] URL
func fetch(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) < 1 || len(args) > 2 {
		ts.Fatalf("usage: fetch [FILE] URL")
	}
	method, data := http.MethodGet, ""
	if len(args) == 2 {
		method, data = http.MethodPost, ts.ReadFile(args[0])
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience.Limit)
	defer cancel()
	status, answer := 0, []byte(nil)
	err := harness.Poll(ctx, 50*time.Millisecond, func() (bool, error) {
		req, err := http.NewRequestWithContext(ctx, method, args[len(args)-1], strings.NewReader(data))
		if err != nil {
			return false, err
		}
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false, nil // the server is starting
		}
		defer resp.Body.Close()
		answer, err = io.ReadAll(resp.Body)
		status = resp.StatusCode
		return status != http.StatusServiceUnavailable, err
	})
	if err != nil {
		ts.Fatalf("fetch %s: %v", args[len(args)-1], err)
	}
	_, _ = ts.Stdout().Write(answer)
	if good := status < 300; good == neg {
		ts.Fatalf("fetch %s: status %d", args[len(args)-1], status)
	}
}
