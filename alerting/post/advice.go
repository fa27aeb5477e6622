package post

import (
	"fmt"
	"time"

	"burnline/slo"
)

// Advice is what may be said of an integration's timeout: an attempt ends after DefaultTimeout at the latest.
func Advice(timeout time.Duration) slo.Findings {
	if timeout <= DefaultTimeout {
		return nil
	}
	return slo.Findings{{
		Path: "timeout", Level: slo.LevelWarning,
		Message: fmt.Sprintf("an attempt to send ends after %s at the latest, so %s has no effect", slo.FormatDuration(DefaultTimeout), slo.FormatDuration(timeout)),
		Instead: "leave it out; what timed out is tried again",
	}}
}
