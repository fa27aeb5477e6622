package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"burnline/internal/app"
)

// demoFlags are the flags of burnline demo.
type demoFlags struct {
	serverFlags
	limit time.Duration
}

func demoCommand() *cobra.Command {
	var f demoFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "See it work: real services, a failure, a page, a recovery",
		Long: `Runs Burnline with an example shop: three services in two regions, instrumented with OpenTelemetry,
simulated customers, and a stand-in for PagerDuty that prints the pages it accepts. After a minute payment
fails in one region; later it recovers. Nothing leaves this machine.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return runDemo(cmd, f) },
	}
	cmd.Flags().DurationVar(&f.limit, "for", 0, "end when page and resolve have arrived: exit 0, or 1 when they have not after this time (8m)")
	f.register(cmd, "folder that keeps the data (default: a temporary one, removed at the end)")
	return cmd
}

// runDemo starts the stand-in and the server, then tells the story, and ends
// the three in the opposite order.
func runDemo(cmd *cobra.Command, f demoFlags) error {
	logger, err := f.logger(cmd)
	if err != nil {
		return err
	}
	if f.limit < 0 {
		return errors.New("--for must not be negative; write a duration such as 8m")
	}
	dir, err := os.MkdirTemp("", "burnline-demo-")
	if err != nil {
		return fmt.Errorf("create a folder for the demo: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // a temporary folder; the system clears it otherwise
	standIn, events, err := startStandIn(cmd.Context())
	if err != nil {
		return err
	}
	defer func() { _ = standIn.Close() }()
	config, err := writeDemoConfig(dir, standIn.URL(), cmp.Or(f.override.Listen, app.DefaultConfig().Server.Listen))
	if err != nil {
		return err
	}
	if f.override.Data == "" {
		f.override.Data = filepath.Join(dir, "data")
	}
	server, ready := startServer(cmd.Context(), app.Options{
		ConfigPath: config,
		Override:   f.override,
		Logger:     logger,
	})
	select {
	case at := <-ready:
		return errors.Join(tellStory(cmd, f, at, standIn.URL(), events, server, logger), exitFor(cmd, server.stop()))
	case <-server.ended:
		return exitFor(cmd, server.stop())
	}
}

// serverRun is a server that runs until it is stopped or fails.
type serverRun struct {
	cancel context.CancelFunc
	ended  chan struct{}
	err    error
}

// startServer runs the server apart from ctx's end: the shop has to be closed
// before the server that it reports to.
func startServer(ctx context.Context, o app.Options) (*serverRun, <-chan app.Addresses) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ready := make(chan app.Addresses, 1)
	o.Ready = func(at app.Addresses) { ready <- at }
	run := &serverRun{cancel: cancel, ended: make(chan struct{})}
	go func() {
		defer close(run.ended)
		run.err = app.Run(ctx, o)
	}()
	return run, ready
}

// stop ends the server and returns how it ended.
func (r *serverRun) stop() error {
	r.cancel()
	<-r.ended
	return r.err
}
