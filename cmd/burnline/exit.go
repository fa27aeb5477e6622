package main

import (
	"errors"

	"github.com/spf13/cobra"

	"burnline/slo"
)

// The exit codes of every subcommand.
const (
	exitFine      = 0
	exitFindings  = 1
	exitCannotRun = 2
)

// exitError carries an exit code; with a nil err nothing more is printed,
// because the findings already were.
type exitError struct {
	code int
	err  error
}

// Error implements error.
func (e *exitError) Error() string {
	if e.err == nil {
		return "findings"
	}
	return e.err.Error()
}

// Unwrap returns the cause.
func (e *exitError) Unwrap() error { return e.err }

// exitFor turns how a server ended into an exit: findings are printed one a
// line and exit with 1, anything else that failed with 2.
func exitFor(cmd *cobra.Command, err error) error {
	var findings slo.Findings
	if errors.As(err, &findings) {
		printFindings(cmd, findings)
		return &exitError{code: exitFindings}
	}
	return err
}
