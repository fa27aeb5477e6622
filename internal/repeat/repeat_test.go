package repeat

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestAStepThatGoesOnFailingIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		began := time.Now()
		var steps, warnings []time.Duration
		err := Every(ctx, time.Second, func(context.Context) error {
			at := time.Since(began)
			steps = append(steps, at)
			switch len(steps) {
			case 7:
				cancel()
				return ctx.Err() // what fails because it ends is no failure
			case 2, 3, 5:
				return errors.New("away")
			}
			return nil
		}, func(error) { warnings = append(warnings, time.Since(began)) })
		if err != nil || len(steps) != 7 || steps[0] != 0 || steps[6] != 6*time.Second {
			t.Errorf("steps at %v, %v", steps, err)
		}
		if want := []time.Duration{time.Second, 4 * time.Second}; !slices.Equal(warnings, want) {
			t.Errorf("warned at %v, want %v", warnings, want)
		}
	})
}
