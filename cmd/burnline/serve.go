package main

import (
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"burnline/internal/app"
)

// serveFlags override what the configuration file says.
type serveFlags struct {
	config, listen, data, otlpGRPC, otlpHTTP, logLevel string
}

func serveCommand() *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Take in telemetry, watch the SLOs, page",
		Long: `Runs Burnline until it is told to stop (Ctrl-C, SIGTERM). Without a configuration file it starts on
embedded defaults and keeps its data in ./data. SIGHUP, POST /-/reload and a change of a watched file reload
SLOs and configuration; a bad file keeps the old set and is shown.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return serve(cmd, f) },
	}
	cmd.Flags().StringVar(&f.config, "config", "", "configuration file (default: burnline.yaml in this folder, if there is one)")
	cmd.Flags().StringVar(&f.listen, "listen", "", "address of the UI and the APIs (default 127.0.0.1:9900)")
	cmd.Flags().StringVar(&f.data, "data", "", "folder for metrics, traces and state (default ./data)")
	cmd.Flags().StringVar(&f.otlpGRPC, "otlp-grpc", "", "address that takes OTLP over gRPC (default 127.0.0.1:4317)")
	cmd.Flags().StringVar(&f.otlpHTTP, "otlp-http", "", "address that takes OTLP over HTTP (default 127.0.0.1:4318)")
	cmd.Flags().StringVar(&f.logLevel, "log-level", "warn", "debug, info, warn or error")
	return cmd
}

func serve(cmd *cobra.Command, f serveFlags) error {
	var level slog.Level
	if err := level.UnmarshalText([]byte(f.logLevel)); err != nil {
		return fmt.Errorf("--log-level %q: write debug, info, warn or error", f.logLevel)
	}
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)

	return exitFor(cmd, app.Run(cmd.Context(), app.Options{
		ConfigPath:    f.config,
		ConfigIfThere: "burnline.yaml",
		Override: app.Override{
			Listen: f.listen, Data: f.data, OTLPGRPC: f.otlpGRPC, OTLPHTTP: f.otlpHTTP,
		},
		Logger:  slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level})),
		Reloads: reload,
		Ready: func(at app.Addresses) {
			at.Greet(cmd.OutOrStdout())
		},
	}))
}
