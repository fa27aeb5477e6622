package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"burnline/dashboards"
	"burnline/slo"
)

// dashboardsFlags are what all subcommands of burnline dashboards share.
type dashboardsFlags struct {
	externalURL string
	add         []string
}

func dashboardsCommand() *cobra.Command {
	f := &dashboardsFlags{}
	cmd := &cobra.Command{
		Use:   "dashboards",
		Short: "Make Grafana dashboards for the SLOs: write, push, list, lint",
		Long: `Makes Grafana dashboards: an overview, one for whoever is on call, one for leadership, one of Burnline itself,
one per SLO and one per service. Files and folders of SLOs are named after the subcommand; without any the
folder slos is read. docs/dashboards.md says how to show them to Grafana.`,
	}
	cmd.PersistentFlags().StringVar(&f.externalURL, "external-url", dashboards.DefaultURL, "address at which Grafana and people reach Burnline")
	cmd.PersistentFlags().StringArrayVar(&f.add, "add", nil, "file of panels of your own; may be repeated")
	cmd.AddCommand(dashboardsWriteCommand(f), dashboardsPushCommand(f), dashboardsListCommand(f), dashboardsLintCommand(f))
	return ofItsCommands(cmd)
}

// generate reads the SLOs and the panels of the user's own, and makes all files.
func (f *dashboardsFlags) generate(cmd *cobra.Command, paths []string, o dashboards.Options) ([]dashboards.File, error) {
	defs, additions, err := f.read(cmd, paths)
	if err != nil {
		return nil, err
	}
	o.ExternalURL, o.Additions = f.externalURL, additions
	return dashboards.Generate(defs, o)
}

// read reads the SLOs and the panels of the user's own.
func (f *dashboardsFlags) read(cmd *cobra.Command, paths []string) ([]slo.Definition, []dashboards.Addition, error) {
	if len(paths) == 0 {
		paths = []string{"slos"}
	}
	defs, err := loadSLOs(cmd, paths)
	if err != nil {
		return nil, nil, err
	}
	var additions []dashboards.Addition
	var findings slo.Findings
	for _, file := range f.add {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, nil, fmt.Errorf("read panels: %w", err)
		}
		more, found := dashboards.ReadAdditions(file, data, defs)
		additions, findings = append(additions, more...), append(findings, found...)
	}
	printFindings(cmd, findings)
	if len(findings.Errors()) > 0 {
		return nil, nil, &exitError{code: exitFindings}
	}
	return defs, additions, nil
}

func dashboardsListCommand(f *dashboardsFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "list [SLO files and folders]",
		Short: "List the dashboards that there are for the SLOs",
		RunE: func(cmd *cobra.Command, paths []string) error {
			defs, _, err := f.read(cmd, paths)
			if err != nil {
				return err
			}
			for _, b := range dashboards.List(defs) {
				_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%-40s %-34s %s\n", b.Name, b.UID, b.Title)
			}
			return nil
		},
	}
}

func dashboardsLintCommand(f *dashboardsFlags) *cobra.Command {
	return &cobra.Command{
		Use:   "lint [SLO files and folders, or dashboards.json]",
		Short: "Hold dashboards against the rules, generated ones or files",
		Long: `Holds dashboards against the rules that generated ones keep: fields that Grafana knows, ids, the grid, titles,
descriptions, units, the data source as a variable, PromQL that parses, counters as rates. Files that end in
.json are dashboards themselves; from others, SLOs, dashboards are made first.`,
		RunE: func(cmd *cobra.Command, paths []string) error { return lintDashboards(cmd, f, paths) },
	}
}

func lintDashboards(cmd *cobra.Command, f *dashboardsFlags, paths []string) error {
	var slos []string
	checked, wrong := 0, 0
	for _, path := range paths {
		if filepath.Ext(path) != ".json" {
			slos = append(slos, path)
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("read the dashboard: %w", err)
		}
		checked++
		for _, err := range dashboards.Lint(data) {
			wrong++
			_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s: %s\n", path, strings.ReplaceAll(err.Error(), "\n", " "))
		}
	}
	if len(slos) > 0 || len(paths) == 0 {
		files, err := f.generate(cmd, slos, dashboards.Options{}) // which lints
		if err != nil {
			return err
		}
		for _, file := range files {
			if file.Board.Name != "" {
				checked++
			}
		}
	}
	if wrong > 0 {
		return &exitError{code: exitFindings}
	}
	_, _ = fmt.Fprintf(cmd.OutOrStdout(), "%d dashboards keep the rules\n", checked)
	return nil
}
