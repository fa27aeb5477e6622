package rig

import (
	"context"
	"errors"
	"flag"
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

// Parse reads the arguments of a benchmark into its flags, and into burnline the path of the binary, which each needs.
func Parse(flags *flag.FlagSet, args []string, burnline *string) error {
	flags.StringVar(burnline, "burnline", "", "the burnline binary (required)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *burnline == "" {
		return errors.New("-burnline is required: go build -o burnline ./cmd/burnline")
	}
	return nil
}
