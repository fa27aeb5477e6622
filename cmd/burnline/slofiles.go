package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"burnline/slo"
	"burnline/slo/spec"
)

// printFindings prints findings on standard error, one a line.
func printFindings(cmd *cobra.Command, findings slo.Findings) {
	for _, f := range findings {
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), f)
	}
}

// loadSLOs reads the SLOs of files that must be without errors and hold at least one.
func loadSLOs(cmd *cobra.Command, paths []string) ([]slo.Definition, error) {
	set, findings, err := spec.Load(paths)
	if err != nil {
		return nil, err
	}
	printFindings(cmd, findings)
	if len(findings.Errors()) > 0 {
		return nil, &exitError{code: exitFindings}
	}
	if len(set.Definitions) == 0 {
		return nil, fmt.Errorf("no SLO in %q; name files or folders that hold SLOs", paths)
	}
	return set.Definitions, nil
}

// writeOut writes into a file, or on standard output where none is named.
func writeOut(cmd *cobra.Command, file string, text []byte) error {
	if file != "" {
		return os.WriteFile(file, text, 0o644)
	}
	_, err := cmd.OutOrStdout().Write(text)
	return err
}
