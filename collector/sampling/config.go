package sampling

import (
	"errors"
	"fmt"
	"time"
)

// Config is the processor's part of a pipeline.
type Config struct {
	// DecisionWait is how long after its first span a trace is judged. Default 5s.
	DecisionWait time.Duration `mapstructure:"decision_wait"`
	// MaxMiB is how much is held until then; beyond it the oldest traces are judged sooner, and beyond twice as
	// much spans are refused while what is kept is not taken as fast. Default 256.
	MaxMiB int `mapstructure:"max_mib"`
	// KeptTraces is how many kept traces are remembered, so that their late spans are kept too, within the budgets. Default 50000.
	KeptTraces int `mapstructure:"kept_traces"`
	// Bad are traces with a span that broke an SLO, Errors those with a failed span, Slow those that took
	// Slow.Threshold, and Baseline is a share of all.
	Bad      Budget   `mapstructure:"bad"`
	Errors   Budget   `mapstructure:"errors"`
	Slow     Slow     `mapstructure:"slow"`
	Baseline Baseline `mapstructure:"baseline"`
}

// Budget is how many spans of one sort are kept.
type Budget struct {
	// SpansPerSecond is how many for good, and Burst how many at once. Of traces that are bad or have an error one
	// that is longer than Burst, up to ten times, is kept where none was for long enough.
	SpansPerSecond float64 `mapstructure:"spans_per_second"`
	Burst          float64 `mapstructure:"burst"`
}

// Slow is the budget of slow traces.
type Slow struct {
	Budget `mapstructure:",squash"`
	// Threshold is how long a trace takes from its first start to its last end to be slow.
	Threshold time.Duration `mapstructure:"threshold"`
}

// Baseline is the budget of the share of all traces.
type Baseline struct {
	Budget `mapstructure:",squash"`
	// Percentage is the share, chosen by trace id.
	Percentage float64 `mapstructure:"percentage"`
}

// DefaultConfig returns what holds where the pipeline says nothing.
func DefaultConfig() Config {
	usual := Budget{SpansPerSecond: 200, Burst: 2000}
	return Config{
		DecisionWait: 5 * time.Second, MaxMiB: 256, KeptTraces: 50_000,
		Bad: Budget{SpansPerSecond: 400, Burst: 4000}, Errors: usual,
		Slow: Slow{usual, time.Second}, Baseline: Baseline{usual, 1},
	}
}

// Validate says what of the configuration can't work.
func (c *Config) Validate() error {
	var wrong []error
	if c.DecisionWait <= 0 || c.DecisionWait > time.Minute {
		wrong = append(wrong, fmt.Errorf("decision_wait: %s is not between 0s and 1m", c.DecisionWait))
	}
	if c.MaxMiB < 1 || c.KeptTraces < 1 {
		wrong = append(wrong, errors.New("max_mib and kept_traces: write at least 1"))
	}
	if c.Baseline.Percentage < 0 || c.Baseline.Percentage > 100 {
		wrong = append(wrong, fmt.Errorf("baseline.percentage: %g is not between 0 and 100", c.Baseline.Percentage))
	}
	if c.Slow.Threshold <= 0 {
		wrong = append(wrong, errors.New("slow.threshold: write a duration above 0s, such as 1s"))
	}
	for name, b := range map[string]Budget{"bad": c.Bad, "errors": c.Errors, "slow": c.Slow.Budget, "baseline": c.Baseline.Budget} {
		if b.SpansPerSecond < 0 || b.Burst < 0 {
			wrong = append(wrong, fmt.Errorf("%s: a budget is not below 0", name))
		}
	}
	return errors.Join(wrong...)
}

// bucket is what is left of a budget: spans that may be kept now.
type bucket struct {
	Budget
	left float64
	at   time.Time
}

// mostOwed is how many times a burst a single trace may be long that a full bucket takes.
const mostOwed = 10

// take spends spans of the budget; false where it has too few. Where owed, a full bucket also takes a trace that
// is longer than its burst, which could never be kept otherwise, and the next are kept once that is paid.
func (b *bucket) take(spans int, now time.Time, owed bool) bool {
	if b.at.IsZero() {
		b.left = b.Burst
	} else {
		b.left = min(b.Burst, b.left+b.SpansPerSecond*max(0, now.Sub(b.at).Seconds()))
	}
	b.at = now
	room := b.left
	if owed && b.left == b.Burst {
		room = mostOwed * b.Burst
	}
	if float64(spans) > room {
		return false
	}
	b.left -= float64(spans)
	return true
}
