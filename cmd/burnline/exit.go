package main

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
