package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/coreos/go-systemd/v22/daemon"
	"github.com/spf13/cobra"

	"burnline/internal/app"
)

// serveFlags override what the configuration file says.
type serveFlags struct {
	serverFlags
	config string
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
	cmd.Flags().BoolVar(&f.override.Shadow, "shadow", false, "shadow mode: do everything and send nothing, but for the teams that are live")
	f.register(cmd, "folder for metrics, traces and state (default ./data)")
	return cmd
}

func serve(cmd *cobra.Command, f serveFlags) error {
	logger, err := f.logger(cmd)
	if err != nil {
		return err
	}
	syscall.Umask(0o077) // what a server writes is its data, which nobody else reads
	reload := make(chan os.Signal, 1)
	signal.Notify(reload, syscall.SIGHUP)
	defer signal.Stop(reload)

	ended := context.AfterFunc(cmd.Context(), func() { tellSystemd(logger, daemon.SdNotifyStopping) })
	defer ended()

	return exitFor(cmd, app.Run(cmd.Context(), app.Options{
		ConfigPath:    f.config,
		ConfigIfThere: "burnline.yaml",
		Override:      f.override,
		Logger:        logger,
		Reloads:       reload,
		Ready: func(at app.Addresses) {
			at.Greet(cmd.OutOrStdout())
			tellSystemd(logger, daemon.SdNotifyReady)
		},
	}))
}

// tellSystemd tells the service manager how far the start or the stop is, where one waits for it.
func tellSystemd(logger *slog.Logger, state string) {
	if _, err := daemon.SdNotify(false, state); err != nil {
		logger.Warn("systemd could not be told of the state", "state", state, "error", err)
	}
}
