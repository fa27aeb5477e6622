// Command burnline watches what services promised their customers and pages
// the right person, in plain words, when customers are hurt.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // windows of the calendar need time zones where the system has none

	"github.com/spf13/cobra"
	_ "golang.org/x/crypto/x509roots/fallback" // receivers are reached by TLS where the system has no certificates

	"burnline/internal/app"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run executes one command line and returns its exit code: 0 fine, 1 findings,
// 2 can't run.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitFine
	}
	var exit *exitError
	if errors.As(err, &exit) {
		if exit.err != nil {
			_, _ = fmt.Fprintf(stderr, "burnline: %s\n", exit.err)
		}
		return exit.code
	}
	_, _ = fmt.Fprintf(stderr, "burnline: %s\n", err)
	return exitCannotRun
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "burnline",
		Short:         "SLOs from telemetry to the page that says what customers suffer",
		Version:       app.Version(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetVersionTemplate("burnline {{.Version}}\n")
	root.CompletionOptions.HiddenDefaultCmd = true
	root.AddCommand(
		serveCommand(),
		demoCommand(),
		checkCommand(),
		convertCommand(),
		usersCommand(),
		tokensCommand(),
		dashboardsCommand(),
		rulesCommand(),
		packsCommand(),
		routeCommand(),
		testCommand(),
		drillCommand(),
		backupCommand(),
		restoreCommand(),
		markCommand(),
		reportCommand(),
		correctionsCommand(),
		silenceCommand(),
		maintenanceCommand(),
		statusCommand(),
		readyCommand(),
		tracesCommand(),
		whyCommand(),
		explainCommand(),
		ackCommand(),
		incidentCommand(),
		initCommand(),
		doctorCommand(),
		versionCommand(),
	)
	return root
}
