package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"burnline/alerting"
	"burnline/internal/app"
	"burnline/slo"
)

// routeFlags are the flags of burnline route.
type routeFlags struct {
	config, output, at string
	// expect are the receivers that must be told, in any order; nil asks nothing.
	expect []string
}

func routeCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "route",
		Short: "Say who would be told of an alert, and why",
	}
	var f routeFlags
	cmd.PersistentFlags().StringVar(&f.config, "config", "", "burnline.yaml, or a file of Alertmanager's (default: burnline.yaml in this folder)")
	cmd.PersistentFlags().StringVarP(&f.output, "output", "o", "text", "text for people, or json for programs")
	cmd.AddCommand(routeTestCommand(&f), &cobra.Command{
		Use:   "show",
		Short: "Print the routing tree with what it inherits",
		Args:  noFile,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := routing(cmd, f)
			if err != nil {
				return err
			}
			if f.output == "json" {
				return writeJSON(cmd.OutOrStdout(), shownRoute(&c.Route))
			}
			return showRoute(cmd.OutOrStdout(), &c.Route, "")
		},
	})
	return ofItsCommands(cmd)
}

func routeTestCommand(f *routeFlags) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "test LABEL=VALUE…",
		Short: "Say who would be told of an alert with these labels",
		Long: `Prints the receivers of an alert with these labels, the routes that lead there with their lines, the incident that
it would be part of, what mutes it now, and the inhibition rules that could keep it quiet. An SLO's incident has the
labels alertname, slo, service, team, journey, severity (page or ticket) and cause (burn or no_data), and those of the SLO.

Exit code: 0, 1 when the configuration is wrong or other receivers are told than --expect names, 2 when it can't be read.`,
		Example: "  burnline route test team=payments severity=page\n  burnline route test --config alertmanager.yml alertname=DiskFull --at 2026-12-24T03:00:00Z",
		RunE:    func(cmd *cobra.Command, args []string) error { return testRoute(cmd, *f, args) },
	}
	cmd.Flags().StringVar(&f.at, "at", "", "moment to judge time intervals at, such as 2026-12-24T03:00:00Z (default: now)")
	cmd.Flags().StringSliceVar(&f.expect, "expect", nil, "receivers that must be told, such as web,ops")
	return cmd
}

// routing reads the configuration, and says what is wrong with it.
func routing(cmd *cobra.Command, f routeFlags) (alerting.Config, error) {
	if f.output != "text" && f.output != "json" {
		return alerting.Config{}, fmt.Errorf("-o %s: write text or json", f.output)
	}
	if f.config == "" {
		f.config = "burnline.yaml"
		if _, err := os.Stat(f.config); err != nil {
			return alerting.Config{}, errors.New("there is no burnline.yaml in this folder; name one with --config")
		}
	}
	c, findings, err := app.Routing(f.config)
	if err != nil {
		return alerting.Config{}, err
	}
	if errs := findings.Errors(); len(errs) > 0 {
		printFindings(cmd, errs)
		return alerting.Config{}, &exitError{code: exitFindings}
	}
	return c, nil
}

func testRoute(cmd *cobra.Command, f routeFlags, args []string) error {
	at := time.Now()
	if f.at != "" {
		var err error
		if at, err = time.Parse(time.RFC3339, f.at); err != nil {
			return fmt.Errorf("--at %s: write a moment such as 2026-12-24T03:00:00Z", f.at)
		}
	}
	ls, err := labelsOf(args)
	if err != nil {
		return err
	}
	c, err := routing(cmd, f)
	if err != nil {
		return err
	}
	for _, name := range f.expect {
		if !slices.ContainsFunc(c.Receivers, func(r alerting.ReceiverConfig) bool { return r.Name == name }) {
			return &exitError{exitFindings, fmt.Errorf("--expect %s: there is no receiver of this name", name)}
		}
	}
	tested := testedRoute(&c, ls, at)
	if f.output == "json" {
		err = writeJSON(cmd.OutOrStdout(), tested)
	} else {
		err = tested.print(cmd.OutOrStdout())
	}
	if err != nil || f.expect == nil {
		return err
	}
	if told := tested.told(); !slices.Equal(told, slices.Sorted(slices.Values(f.expect))) {
		return &exitError{exitFindings, fmt.Errorf("it is told to %q, not to %q", told, f.expect)}
	}
	return nil
}

// labelsOf reads labels as name=value; a value may be quoted.
func labelsOf(args []string) (slo.Labels, error) {
	if len(args) == 0 {
		return nil, errors.New("name the labels of the alert: burnline route test team=payments severity=page")
	}
	var names, pairs []string
	for _, arg := range args {
		name, value, ok := strings.Cut(arg, "=")
		if !ok || name == "" || strings.HasSuffix(name, "!") || strings.HasPrefix(value, "~") {
			return nil, fmt.Errorf("%q is no label; write name=value", arg) // team=~web is a matcher
		}
		if slices.Contains(names, name) {
			return nil, fmt.Errorf("the label %s is given twice; keep one", name)
		}
		names = append(names, name)
		if len(value) > 1 && value[0] == '"' && value[len(value)-1] == '"' {
			value = value[1 : len(value)-1]
		}
		pairs = append(pairs, name, value)
	}
	return slo.NewLabels(pairs...), nil
}
