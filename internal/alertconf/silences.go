package alertconf

import (
	"fmt"
	"math"
	"time"

	"burnline/alerting/silences"
	"burnline/slo"
)

// Silences bound what one silence may do.
type Silences struct {
	// MaxDuration is how far ahead a silence may end.
	MaxDuration time.Duration `yaml:"max_duration"`
	// MaxBreadth is the share of the SLOs, and of the open incidents, above which a silence has to be
	// confirmed; up to Unconfirmed of either never have to be.
	MaxBreadth  float64 `yaml:"max_breadth"`
	Unconfirmed int     `yaml:"unconfirmed"`
	// BurnCeiling is the burn rate above which a page is told where a silence names no other;
	// 0 is none.
	BurnCeiling float64 `yaml:"burn_ceiling"`
}

// The bounds of the bounds.
const (
	shortestSilence = time.Minute
	longestSilence  = 366 * 24 * time.Hour
)

// defaultSilences are the limits that hold where nothing is written.
func defaultSilences() Silences {
	l := silences.DefaultLimits()
	return Silences{MaxDuration: l.MaxDuration, MaxBreadth: l.MaxBreadth, Unconfirmed: l.Few, BurnCeiling: l.Ceiling}
}

// Limits are the limits as those who keep silences read them.
func (s Silences) Limits() silences.Limits {
	return silences.Limits{MaxDuration: s.MaxDuration, MaxBreadth: s.MaxBreadth, Few: s.Unconfirmed, Ceiling: s.BurnCeiling}
}

// check returns what is wrong with the limits.
func (s Silences) check() []slo.Finding {
	var findings []slo.Finding
	wrong := func(path, message, instead string) {
		findings = append(findings, slo.Finding{Path: key + ".silences." + path, Level: slo.LevelError, Message: message, Instead: instead})
	}
	if s.MaxDuration < shortestSilence || s.MaxDuration > longestSilence {
		wrong("max_duration", slo.FormatDuration(s.MaxDuration)+" can't be the longest silence", "write 1m to 366d, such as 7d")
	}
	if !(s.MaxBreadth >= 0 && s.MaxBreadth <= 1) { // NaN is neither
		wrong("max_breadth", fmt.Sprintf("%v is no share", s.MaxBreadth), "write 0 to 1, such as 0.25 for a quarter; 1 asks for no confirmation")
	}
	if s.Unconfirmed < 0 {
		wrong("unconfirmed", "less than none can't be", "write a number such as 3, or 0")
	}
	if !(s.BurnCeiling >= 0) || math.IsInf(s.BurnCeiling, 0) {
		wrong("burn_ceiling", fmt.Sprintf("%v is no burn rate", s.BurnCeiling), "write one such as 100, or 0 for none")
	}
	return findings
}
