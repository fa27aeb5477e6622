package app

import (
	"errors"
	"fmt"
)

// teardown undoes what the wiring built, last first. Each resource registers
// its end on the line after its beginning.
type teardown struct{ steps []step }

type step struct {
	name string
	undo func() error
}

func (t *teardown) add(name string, undo func() error) {
	t.steps = append(t.steps, step{name, undo})
}

// run undoes all steps, also when one fails, and returns what failed.
func (t *teardown) run() error {
	var errs []error
	for i := len(t.steps) - 1; i >= 0; i-- {
		if err := t.steps[i].undo(); err != nil {
			errs = append(errs, fmt.Errorf("close the %s: %w", t.steps[i].name, err))
		}
	}
	t.steps = nil
	return errors.Join(errs...)
}
