package rig

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

// Main runs a benchmark with the process' arguments until it ends or Ctrl-C, and
// returns the exit code: 0, or 1 after saying what failed.
func Main(name string, run func(ctx context.Context, args []string, stdout, stderr io.Writer) error) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		return 1
	}
	return 0
}
