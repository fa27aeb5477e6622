package collector

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Who stops before it is answered is not told that the store could not take it.
func TestARequestWhoseSenderHungUpIsNoRefusalOfTheStore(t *testing.T) {
	for _, c := range []struct {
		err  error
		code codes.Code
		why  string
	}{
		{fmt.Errorf("append: %w", context.Canceled), codes.Canceled, "gone"},
		{fmt.Errorf("append: %w", context.DeadlineExceeded), codes.Unavailable, "unavailable"},
		{errors.New("disk"), codes.Unavailable, "unavailable"},
	} {
		code := status.Code(statusOf(c.err))
		if why := reason(code); code != c.code || why != c.why {
			t.Errorf("%v is %s, counted as %s, want %s and %s", c.err, code, why, c.code, c.why)
		}
	}
}
