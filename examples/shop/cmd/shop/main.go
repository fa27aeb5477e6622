// Command shop runs the example shop until it is interrupted, and reports every
// ten seconds how its customers fare.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"burnline/examples/shop"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(2)
	}
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("shop", flag.ContinueOnError)
	flags.SetOutput(stderr)
	otlp := flags.String("otlp", "localhost:4317", "host:port of an OTLP gRPC receiver")
	interval := flags.Duration("interval", 2*time.Second, "time between two exports of a service")
	rate := flags.Float64("rate", 30, "requests a second of all customers together")
	broken := flags.String("break", "", "region in which payment fails: eu or us")
	slow := flags.String("slow", "", "region in which payment is slow: eu or us")
	if err := flags.Parse(args); err != nil {
		return err
	}
	s, err := shop.New(shop.Options{
		OTLPEndpoint: *otlp, ExportInterval: *interval, RequestsPerSecond: *rate,
		Logger: slog.New(slog.NewTextHandler(stderr, nil)),
	})
	if err != nil {
		return err
	}
	if *broken != "" {
		err = s.Break(*broken)
	} else if *slow != "" {
		err = s.Slow(*slow)
	}
	if err != nil {
		return err
	}
	reporting, stopReporting := context.WithCancel(ctx)
	reported := make(chan struct{})
	go func() {
		defer close(reported)
		report(reporting, s, stdout)
	}()
	err = s.Run(ctx)
	stopReporting()
	<-reported
	return err
}

// report writes how customers fare until ctx ends.
func report(ctx context.Context, s *shop.Shop, w io.Writer) {
	select {
	case <-s.Ready():
	case <-ctx.Done():
		return
	}
	for _, region := range shop.Regions() {
		fmt.Fprintf(w, "%s: %s\n", region, s.URL(region))
	}
	ticker := time.NewTicker(10 * time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		stats := s.Stats()
		for _, region := range shop.Regions() {
			r := stats[region]
			fmt.Fprintf(w, "%s: %d bought, %d could not buy, %d browsed, %d turned away\n",
				region, r.Bought, r.BuyFailed, r.Browsed, r.Left+r.BrowseFailed)
		}
	}
}
