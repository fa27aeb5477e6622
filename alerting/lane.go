package alerting

import (
	"fmt"
	"slices"
	"sync"
	"time"
)

// A destination is in trouble when this many attempts in a row failed: from then on one
// message at a time is tried, and after waits that grow to mostTrouble.
const (
	fewFailures = 5
	mostTrouble = 15 * time.Second
	// mostLimited is the most sends at once to a destination with a limit by the minute, and to one that answers
	// within quickly: more would not make it quicker, and after a kill it is told again of what was under way.
	mostLimited = 16
	quickly     = 100 * time.Millisecond
)

// lanes are the destinations that had something to send.
type lanes struct{ byName map[string]*lane }

// lane is the way to one destination. It is safe for concurrent use.
type lane struct {
	destination Destination
	// noted is when it was last noted why rows wait; it is the claim's alone.
	noted time.Time

	mu sync.Mutex
	// claiming is whether a claim is under way, failed how the last one did where nobody heard of it yet, and backlog what
	// waits.
	claiming bool
	failed   error
	backlog  Backlog
	// targets are the integrations that have rows that are due, or had when some were.
	targets []Target
	// sending is how many sends are under way, failures how many in a row failed, and
	// until when none is tried after that.
	sending, failures int
	until             time.Time
	answer            string
	// typical is how long an answer takes, of which newer ones count more.
	typical time.Duration
}

// of returns the lanes of what is due, in a fixed order. A target that is configured
// no longer has a lane of its own.
func (ls *lanes) of(due []Target, senders func(receiver, integration string) (Sender, bool)) []*lane {
	targets := map[*lane][]Target{}
	var now []*lane
	for _, t := range due {
		d := Destination{Name: "unconfigured/" + t.Receiver + "/" + t.Integration}
		if sender, ok := senders(t.Receiver, t.Integration); ok {
			d = sender.Destination()
		}
		l := ls.byName[d.Name]
		if l == nil {
			l = &lane{destination: d}
			ls.byName[d.Name] = l
		}
		if targets[l] = append(targets[l], t); len(targets[l]) == 1 {
			now = append(now, l)
		}
	}
	for name, l := range ls.byName {
		if l.set(targets[l]) {
			delete(ls.byName, name)
		}
	}
	return now
}

// set says what is due, and reports whether nothing needs to be remembered of the lane.
func (l *lane) set(targets []Target) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(targets) > 0 {
		l.targets = targets
	}
	return len(targets) == 0 && l.sending == 0 && l.failures == 0 && !l.claiming
}

// due are the integrations that have rows that are due, or had when some were.
func (l *lane) due() []Target {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.targets
}

// claims reports whether a claim is under way.
func (l *lane) claims() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.claiming
}

// claim and claimed note the beginning and the end of a claim.
func (l *lane) claim() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claiming = true
}

func (l *lane) claimed(failed error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claiming, l.failed = false, failed
}

// failure tells once how the last claim failed.
func (l *lane) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.failed
	l.failed = nil
	return err
}

// wait notes what waits, and waiting tells it.
func (l *lane) wait(b Backlog) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.backlog = b
}

func (l *lane) waiting() Backlog {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.backlog
}

// room is how many more sends may begin. One that takes so many a minute is not hurried.
func (l *lane) room(now time.Time, most int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	quick := l.typical < quickly
	if l.destination.PerMinute > 0 || quick {
		most = min(most, mostLimited)
	}
	switch {
	case l.failures < fewFailures && quick && l.destination.PerMinute == 0 && l.sending > most/2:
		return 0 // half of them will be answered in a moment, and then one claim does for as many
	case l.failures < fewFailures:
		return most - l.sending
	}
	if l.sending > 0 || now.Before(l.until) {
		return 0
	}
	return 1
}

// begin and end count the sends under way.
func (l *lane) begin(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sending += n
}

// took takes note of how long an attempt took.
func (l *lane) took(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.typical += (d - l.typical) / 8
}

func (l *lane) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sending--
}

// heard takes note of how an attempt ended. An answer after trouble makes all that waits
// due now, and a wish to wait holds for the whole destination.
func (l *lane) heard(r Result, o *Outcome, wait func(failures int) time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Verdict != VerdictRetry {
		if l.failures >= fewFailures {
			o.Recovered = slices.Clone(l.targets)
		}
		l.failures, l.answer = 0, ""
		return
	}
	if r.RetryAfter > 0 {
		o.Destination, o.Hold = l.destination.Name, min(r.RetryAfter, maxRetryAfter)
	}
	l.failures++
	l.answer = r.Answer
	if l.failures >= fewFailures {
		l.until = wait(l.failures - fewFailures + 1)
	}
}

// trouble says, in words, why the lane tries little; "" where it does not.
func (l *lane) trouble() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures < fewFailures {
		return ""
	}
	return fmt.Sprintf("waits, because the last %d attempts at its receiver failed; it is tried with one message at a time. The last answer: %s", l.failures, l.answer)
}

// names writes integrations for people: oncall (pagerduty/0).
func names(targets []Target) string {
	all := make([]string, len(targets))
	for i, t := range targets {
		all[i] = fmt.Sprintf("%s (%s)", inline(t.Receiver), inline(t.Integration))
	}
	return list(slices.Compact(all))
}
