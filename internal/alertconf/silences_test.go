package alertconf

import (
	"strings"
	"testing"
	"time"

	"burnline/alerting/silences"
)

func TestWhatASilenceMayDoIsConfigured(t *testing.T) {
	t.Parallel()
	c, said := inline(t, "silences: {max_duration: 3d, max_breadth: 0.1, unconfirmed: 0, burn_ceiling: 0}")
	if want := (silences.Limits{MaxDuration: 72 * time.Hour, MaxBreadth: 0.1}); c.Silences.Limits() != want {
		t.Errorf("the limits are %+v, want %+v (%s)", c.Silences.Limits(), want, said)
	}
	if c, _ := inline(t, "shadow: true"); c.Silences.Limits() != silences.DefaultLimits() {
		t.Errorf("where nothing is written the limits are %+v", c.Silences.Limits())
	}
	_, said = inline(t, "silences: {max_duration: 400d, max_breadth: 25, unconfirmed: -1, burn_ceiling: -2}")
	for _, want := range []string{
		"alerting.silences.max_duration: 400d can't be the longest silence",
		"alerting.silences.max_breadth: 25 is no share",
		"alerting.silences.unconfirmed: less than none",
		"alerting.silences.burn_ceiling: -2 is no burn rate",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("it is not said that %q:\n%s", want, said)
		}
	}
}
