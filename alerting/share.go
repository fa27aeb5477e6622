package alerting

import (
	"fmt"
	"math"
	"strings"
	"time"

	"burnline/slo"
)

// noun is what an SLO counts, such as request and requests, perhaps with the
// service before it.
type noun struct{ one, many string }

// of the parts of a metric's name that say what it counts, singular and plural.
func nouns() []noun {
	return []noun{
		{"request", "requests"}, {"message", "messages"}, {"job", "jobs"}, {"query", "queries"}, {"call", "calls"},
		{"order", "orders"}, {"payment", "payments"}, {"task", "tasks"}, {"event", "events"}, {"operation", "operations"},
		{"transaction", "transactions"}, {"delivery", "deliveries"}, {"probe", "probes"}, {"login", "logins"},
	}
}

// sliceNoun names slices of time, which some SLOs count instead of events.
func sliceNoun(length time.Duration) noun {
	switch length {
	case time.Second:
		return noun{"second", "seconds"}
	case time.Minute:
		return noun{"minute", "minutes"}
	case time.Hour:
		return noun{"hour", "hours"}
	}
	return noun{"slice of " + slo.FormatDuration(length), "slices of " + slo.FormatDuration(length)}
}

// nounOf says what the SLO counts: slices of time or samples where they spend the
// budget, else what the metric's name tells. Counters of HTTP and RPC count requests; what says nothing counts events, or requests where their
// duration is measured.
func nounOf(d *slo.Definition) noun {
	fallback := noun{"event", "events"}
	if d == nil {
		return fallback
	}
	name := ""
	switch slice := d.Slice(); {
	case slice > 0:
		return sliceNoun(slice)
	case d.SLI.Samples != nil:
		return noun{"sample", "samples"}
	case d.SLI.Spans != nil && d.SLI.Spans.Serves():
		return noun{"request", "requests"}
	case d.SLI.Latency != nil:
		name, fallback = d.SLI.Latency.Histogram.Name, noun{"request", "requests"}
	case d.SLI.Events != nil && len(d.SLI.Events.Total) > 0:
		name = d.SLI.Events.Total[0].Selector.Name
	}
	parts := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == ':' || r == '.' })
	for _, n := range nouns() {
		for _, part := range parts {
			if part == n.one || part == n.many {
				return n
			}
		}
	}
	for _, part := range parts {
		switch part {
		case "http", "https", "rpc", "grpc":
			return noun{"request", "requests"}
		}
	}
	return fallback
}

// in puts the service before the noun: checkout requests.
func (n noun) in(service string) noun {
	if service == "" {
		return n
	}
	return noun{service + " " + n.one, service + " " + n.many}
}

// counted returns the form that stands after a number.
func (n noun) counted(count float64) string {
	if Count(count) == "1" {
		return n.one
	}
	return n.many
}

// share is a fraction in words, to be followed by a noun.
type share struct {
	words string
	// whole is true for words that take the singular noun: every request.
	whole bool
	// singular is true when the verb is singular: 1 in 4 requests fails.
	singular bool
}

// of puts the noun behind the words.
func (s share) of(n noun) string {
	if s.whole {
		return s.words + " " + n.one
	}
	return s.words + " " + n.many
}

// fraction chooses the clearest true words for a ratio: a simple fraction where
// it is within 3 % of one, else a percentage.
func fraction(r float64) share {
	const near = 0.03
	switch {
	case r <= 0:
		return share{words: "too many"}
	case r >= 1-1e-9:
		return share{words: "every", whole: true, singular: true}
	case r >= 0.99:
		return share{words: "nearly every", whole: true, singular: true}
	}
	best, words := near, share{}
	for _, f := range [][2]int{
		{1, 2}, {1, 3}, {1, 4}, {1, 5}, {1, 10}, {1, 20}, {1, 50}, {1, 100}, {1, 200}, {1, 500}, {1, 1000},
		{2, 3}, {3, 4}, {9, 10}, {3, 10}, {7, 10}, {2, 5}, {3, 5}, {4, 5}, {1, 6}, {1, 7}, {1, 8},
	} {
		exact := float64(f[0]) / float64(f[1])
		if off := math.Abs(r-exact) / exact; off < best-1e-12 {
			best, words = off, share{words: fmt.Sprintf("%d in %s", f[0], Count(float64(f[1]))), singular: f[0] == 1}
		}
	}
	if words.words == "" {
		words.words = Percent(r) + " of"
	}
	return words
}
