package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"burnline/internal/routetest"
)

func testCommand() *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "test FILE…",
		Short: "Run tests of who is told of what, over a virtual day",
		Long: `Runs tests of routes, inhibition, time intervals, silences, dependencies and templates: each plays a virtual day on the
server's own router and senders, and compares what would have been sent with what the file expects. Nothing leaves, and
secrets in files need not be there. docs/testing-alerts.md explains the files.

Exit code: 0, 1 when a test fails or a file is wrong, 2 when it can't be read.`,
		Example: "  burnline test alerts_test.yaml\n  burnline test -o json tests/*.yaml",
		Args:    someFiles("burnline test alerts_test.yaml"),
		RunE:    func(cmd *cobra.Command, args []string) error { return runTests(cmd, args, output) },
	}
	cmd.Flags().StringVarP(&output, "output", "o", "text", "text for people, or json for programs")
	return cmd
}

// runTests runs all files, and goes on where one is wrong.
func runTests(cmd *cobra.Command, paths []string, output string) error {
	if output != "text" && output != "json" {
		return fmt.Errorf("-o %s: write text or json", output)
	}
	results := []routetest.Result{}
	wrong := false
	for _, path := range paths {
		f, findings, err := routetest.Read(path)
		if err != nil {
			return err
		}
		var some []routetest.Result
		if findings = findings.Errors(); len(findings) == 0 {
			some, findings, err = routetest.Run(cmd.Context(), &f)
		}
		if err != nil {
			return err
		}
		printFindings(cmd, findings)
		wrong = wrong || len(findings) > 0
		results = append(results, some...)
	}
	failed, err := tell(cmd, results, output)
	switch {
	case err != nil:
		return err
	case failed > 0:
		return &exitError{exitFindings, fmt.Errorf("%d of %d tests fail", failed, len(results))}
	case wrong:
		return &exitError{exitFindings, errors.New("what is wrong is not tested")}
	}
	return nil
}

// tell writes the results and returns how many tests fail.
func tell(cmd *cobra.Command, results []routetest.Result, output string) (int, error) {
	failed := 0
	for _, r := range results {
		if len(r.Failures) > 0 {
			failed++
		}
	}
	if output == "json" {
		return failed, writeJSON(cmd.OutOrStdout(), results)
	}
	return failed, routetest.Print(cmd.OutOrStdout(), results)
}
