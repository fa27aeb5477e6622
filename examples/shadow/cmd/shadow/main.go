// Command shadow runs the example of shadow mode until it is told to stop: after 20 seconds
// every request to the checkout fails, for a minute.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"time"

	"burnline/examples/shadow"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "shadow:", err)
		os.Exit(1)
	}
}

// run runs the example in a folder of its own.
func run(ctx context.Context) error {
	dir, err := os.MkdirTemp("", "burnline-shadow-")
	if err != nil {
		return fmt.Errorf("make a folder for the example: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is in the system's own folder for such things
	logger := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	return shadow.Run(ctx, dir, logger, func(r shadow.Running) {
		fmt.Printf("The comparison: %s/shadow\nPrometheus: %s\nAlertmanager: %s\nIn 20 s every request fails, for a minute. Ctrl-C ends it.\n", r.Burnline, r.Prometheus, r.Alertmanager)
		time.AfterFunc(20*time.Second, func() { r.Shop.Failing.Store(true) })
		time.AfterFunc(80*time.Second, func() { r.Shop.Failing.Store(false) })
	})
}
