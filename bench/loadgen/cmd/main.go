// Command loadgen sends OTLP metrics to a server as fast as it takes them.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"burnline/bench/loadgen"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadgen:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	flags := flag.NewFlagSet("loadgen", flag.ContinueOnError)
	var (
		url    = flags.String("http", "", "send over HTTP to this URL, such as http://127.0.0.1:4318/v1/metrics")
		addr   = flags.String("grpc", "", "send over gRPC to this address, such as 127.0.0.1:4317")
		kind   = flags.String("kind", string(loadgen.Mix), "gauge, sum, hist or mix")
		series = flags.Int("series", 11_000, "OTLP series; a histogram counts as one")
		points = flags.Int("points", 2_750, "points in a request")
		conns  = flags.Int("connections", 4, "requests under way at a time")
		gzip   = flags.Bool("gzip", false, "compress bodies")
		length = flags.Duration("duration", 20*time.Second, "how long to send")
		back   = flags.Duration("back", 100*time.Minute, "how far back the first points are")
		step   = flags.Duration("step", time.Second, "time between two points of a series")
	)
	if err := flags.Parse(args); err != nil {
		return err
	}
	to, err := sender(*url, *addr, *gzip, *conns)
	if err != nil {
		return err
	}
	from := time.Now().Add(-*back)
	load, err := loadgen.Build(loadgen.Spec{Kind: loadgen.Kind(*kind), Series: *series, PerRequest: *points, Start: from})
	if err != nil {
		return err
	}
	res, err := load.Run(ctx, to, loadgen.Options{Connections: *conns, Duration: *length, From: from, Step: *step})
	if err != nil && !errors.Is(err, context.Canceled) {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%d rounds, %d points in %s: %.0f points/s; %d requests failed\n",
		res.Rounds, res.Points, res.Elapsed.Round(time.Millisecond), float64(res.Points)/res.Elapsed.Seconds(), res.Failed)
	return errors.Join(err, res.Err)
}

func sender(url, addr string, gzip bool, connections int) (loadgen.Sender, error) {
	switch {
	case (url == "") == (addr == ""):
		return nil, errors.New("give either -http or -grpc")
	case url != "":
		return loadgen.NewHTTP(url, gzip, connections), nil
	default:
		return loadgen.NewGRPC(addr, gzip, connections)
	}
}
