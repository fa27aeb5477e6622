package main

import (
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"burnline/internal/app"
)

// serverFlags are the flags of every command that runs the server. They replace
// single values of the configuration.
type serverFlags struct {
	override app.Override
	logLevel string
}

// register adds the flags; data says what holds without --data.
func (f *serverFlags) register(cmd *cobra.Command, data string) {
	cmd.Flags().StringVar(&f.override.Listen, "listen", "", "address of the UI and the APIs (default 127.0.0.1:9900)")
	cmd.Flags().StringVar(&f.override.Data, "data", "", data)
	cmd.Flags().StringVar(&f.override.OTLPGRPC, "otlp-grpc", "", "address that takes OTLP over gRPC (default 127.0.0.1:4317)")
	cmd.Flags().StringVar(&f.override.OTLPHTTP, "otlp-http", "", "address that takes OTLP over HTTP (default 127.0.0.1:4318)")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "warn", "debug, info, warn or error")
}

// logger logs to the command's standard error at the asked level.
func (f *serverFlags) logger(cmd *cobra.Command) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return nil, fmt.Errorf("--log-level %q: write debug, info, warn or error", f.logLevel)
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level})), nil
}
