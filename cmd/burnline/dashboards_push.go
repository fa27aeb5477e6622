package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/dashboards"
	"burnline/dashboards/grafana"
)

// dashboardsPushFlags are the flags of burnline dashboards push.
type dashboardsPushFlags struct {
	url, tokenFile            string
	folder                    string
	dryRun, diff, prune, take bool
}

func dashboardsPushCommand(shared *dashboardsFlags) *cobra.Command {
	var f dashboardsPushFlags
	cmd := &cobra.Command{
		Use:   "push --url GRAFANA --token-file FILE [SLO files and folders]",
		Short: "Write dashboards into a Grafana by its HTTP API",
		Long: `Writes the dashboards into folders of a Grafana, which are made where they are missing. Only what a push made is ever
written or deleted, and what somebody changed since the last push is left alone, and said, unless --force is given.
It exits with 1 when something was left alone.`,
		RunE: func(cmd *cobra.Command, paths []string) error { return pushDashboards(cmd, shared, f, paths) },
	}
	cmd.Flags().StringVar(&f.url, "url", "", "address of Grafana (required)")
	cmd.Flags().StringVar(&f.tokenFile, "token-file", "", "file with a token of a service account with the role Editor (required)")
	cmd.Flags().StringVar(&f.folder, "folder", dashboards.FolderTitle, "title that the titles of the folders begin with")
	cmd.Flags().BoolVar(&f.dryRun, "dry-run", false, "say what would be done, and do nothing")
	cmd.Flags().BoolVar(&f.diff, "diff", false, "say what changes in each dashboard")
	cmd.Flags().BoolVar(&f.prune, "prune", false, "delete dashboards of before whose SLO or service is gone")
	cmd.Flags().BoolVar(&f.take, "force", false, "also overwrite and delete what somebody changed or moved since the last push")
	return cmd
}

func pushDashboards(cmd *cobra.Command, shared *dashboardsFlags, f dashboardsPushFlags, paths []string) error {
	if f.url == "" || f.tokenFile == "" {
		return errors.New("say where to: burnline dashboards push --url https://grafana.example.com --token-file FILE")
	}
	if strings.TrimSpace(f.folder) == "" {
		return errors.New("--folder is empty; write a title such as Burnline")
	}
	token, err := os.ReadFile(f.tokenFile)
	if err != nil {
		return fmt.Errorf("read the token: %w", err)
	}
	client, err := grafana.New(grafana.Options{URL: f.url, Token: strings.TrimSpace(string(token)), Waiting: func(why error, rest time.Duration) {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s; it is tried again in %s\n", why, rest)
	}})
	if err != nil {
		return err
	}
	files, err := shared.generate(cmd, paths, dashboards.Options{})
	if err != nil {
		return err
	}
	left := 0
	err = client.Push(cmd.Context(), grafana.Request{
		Files: files, Folder: f.folder, DryRun: f.dryRun, Prune: f.prune, Force: f.take,
		Told: func(o grafana.Outcome) {
			if o.Action == grafana.LeftAlone {
				left++
			}
			tellPushed(cmd, f, o)
		},
	})
	if err == nil && left > 0 {
		return &exitError{code: exitFindings}
	}
	return err
}

// tellPushed prints what became of one dashboard; what was left alone, and why, on standard error.
func tellPushed(cmd *cobra.Command, f dashboardsPushFlags, o grafana.Outcome) {
	if o.Action == grafana.LeftAlone {
		_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s: left alone: %s\n", o.Name, o.Reason)
		return
	}
	act := string(o.Action)
	if f.dryRun && o.Action != grafana.Unchanged {
		act = "would be " + act
	}
	_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%-16s %s\n", act, o.Name)
	if f.diff {
		for _, line := range o.Changes {
			_, _ = fmt.Fprintf(cmd.OutOrStdout(), "    %s\n", line)
		}
	}
}
