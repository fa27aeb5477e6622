package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"time"

	"burnline/slo"
)

// started returns the data time at which the breach of a firing policy
// began: the start of the first bucket of the current run of bad ones. It is
// found by walking back from now in the tier that counts the policy's long
// window. A bucket is bad when it burns by itself above the policy's factor (so
// that the errors of a healthy day are no part of the breach); the run ends
// at a stretch without such a bucket that is longer than the short window,
// and at the latest one long window back. It depends on the data alone, so that a
// second evaluation of the same breach finds the same moment.
func started(h history, p slo.Policy, budget float64, now time.Time) time.Time {
	size := slo.Step(p.Long)
	step := size.Milliseconds()
	last := floorDiv(now.UnixMilli()-1, step)
	oldest := slo.Start(now, p.Long).UnixMilli() / step
	gap := p.Short.Milliseconds() / step
	first := last
	for b := last; b >= oldest; b-- {
		c := h.sum(size, b*step, (b+1)*step)
		if bad := c.Bad(); bad > 1e-9 && bad > p.Factor*budget*c.Total {
			first = b
			continue
		}
		if first-b > gap {
			break
		}
	}
	return time.UnixMilli(first * step).UTC()
}

// key returns the deduplication key of an incident: it names the SLO, the
// group that breached first, the start by data time, and the severity.
func key(id string, group slo.Labels, start time.Time, severity string) string {
	h := sha256.New()
	for _, part := range []string{id, group.String(), strconv.FormatInt(start.UnixMilli(), 10), severity} {
		h.Write([]byte(part))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil))
}
