package main

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"burnline/slo"
)

// A page that is refused, merged or silenced says so when it is asked why.
func TestWhyTellsTheWholeStory(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.write("slos/cart.yaml", strings.NewReplacer("name: availability", "name: cart", "team: shop", "team: shop\n  depends_on: [shop/availability]",
		"journey: buy", "journey: fill the basket").Replace(shortSLO))
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.silence(0, "add", "slo=shop/availability", "--for", "1h", "--reason", "a new database", "--by", "ada", "--ceiling", "0")
	s.customers.Fail(true)
	s.eventually("the page of the basket is sent while that of its dependency is silenced", func() bool { return len(s.stand.Events()) == 1 })

	s.eventually("what holds it open now is told", func() bool {
		out, _ := s.why(0, "shop/availability")
		return strings.Contains(out, "What holds it open now: A page policy fires: burn ")
	})
	out, _ := s.why(0, "shop/availability")
	for _, want := range []string{"page of shop/availability, open since", "  bad events: ", "  rule: burn ", "opened: burn ",
		"Silenced at oncall: silenced by ada: a new database (", "Where it stands\n  Silenced at oncall"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	id := regexp.MustCompile(`a new database \(([0-9a-f-]+)\)`).FindStringSubmatch(out)
	if id == nil {
		t.Fatalf("the silence is not named in\n%s", out)
	}
	s.silence(0, "expire", id[1], "--by", "grace")
	s.eventually("both pages are one", func() bool {
		out, _ := s.why(0, "cart")
		return strings.Contains(out, "Merged into another page at oncall: it depends on shop/availability, whose page tells it too (") &&
			strings.Contains(out, "resolve to oncall (pagerduty/0): delivered after 1 attempt: ")
	})
	out, _ = s.why(0, "availability")
	for _, want := range []string{"It tells the page of shop/cart too, which depends on it.", "Goes to oncall: the route leads to oncall",
		"trigger to oncall (pagerduty/0): delivered after 1 attempt: ", "Where it stands\n  its message was accepted\n"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	key := regexp.MustCompile(`incident: ([0-9a-f]{64})`).FindStringSubmatch(out)
	if key == nil {
		t.Fatalf("no key in\n%s", out)
	}
	if again, _ := s.why(0, key[1][:10]); !strings.HasPrefix(again, "page of shop/availability, ") {
		t.Errorf("by the beginning of its key:\n%s", again)
	}
	if _, errs := s.why(1, "nothing"); !strings.Contains(errs, `no incident is known whose key begins with "nothing"`) {
		t.Errorf("what is not known: %s", errs)
	}
}

// why runs burnline why against the story's server.
func (s *story) why(code int, args ...string) (out, errs string) {
	s.t.Helper()
	var stdout, stderr bytes.Buffer
	args = append([]string{"why", "--server", "http://" + s.web}, args...)
	if got := run(s.soon(), args, strings.NewReader(""), &stdout, &stderr); got != code {
		s.t.Fatalf("burnline %s ended with %d: %s%s", strings.Join(args, " "), got, &stdout, &stderr)
	}
	return stdout.String(), stderr.String()
}

// An incident opens by one rule and is often held open by another: what holds it is the judgement of now.
func TestWhyTellsWhatHoldsAnIncidentOpenNow(t *testing.T) {
	t.Parallel()
	const reason = "A page policy fires: burn 49.3 and 49.3 over 6h and 30m, above 6."
	eu := func(s whyStatus) whyStatus { s.Group = map[string]string{"region": "eu"}; return s }
	status := func(state slo.State, reason string, open string, firing ...slo.Severity) whyStatus {
		s := whyStatus{State: state, Reason: reason, Open: []string{open}}
		for _, severity := range []slo.Severity{slo.Page, slo.Ticket} {
			s.Policies = append(s.Policies, whyPolicy{InEffect: severity, Firing: slices.Contains(firing, severity)})
		}
		return s
	}
	burns := status(slo.StateBurning, reason, "k1", slo.Page, slo.Ticket)
	rests := status(slo.StateBurning, "No policy fires any more.", "k1")
	for _, c := range []struct {
		name     string
		severity slo.Severity
		statuses []whyStatus
		want     string
	}{
		{"the rule that fires now", slo.Page, []whyStatus{burns}, reason},
		{"the recovery that is to be proved", slo.Page, []whyStatus{rests}, "No policy fires any more."},
		{"of a page for which a ticket's rule alone fires, that no rule of a page does", slo.Page,
			[]whyStatus{status(slo.StateBurning, "A ticket policy fires.", "k1", slo.Ticket)}, "No page policy fires any more. A ticket policy fires."},
		{"a ticket by its own rule", slo.Ticket, []whyStatus{status(slo.StateBurning, "A ticket policy fires.", "k1", slo.Ticket)}, "A ticket policy fires."},
		{"data that is missing", slo.Page, []whyStatus{status(slo.StateMissing, "No series of the total has reported.", "k1")}, "No series of the total has reported."},
		{"of several groups one that burns", slo.Page, []whyStatus{rests, eu(burns)}, `{region="eu"}: ` + reason + " (the first of 2 groups)"},
		{"groups of other incidents say nothing", slo.Page, []whyStatus{status(slo.StateBurning, "Another.", "k2", slo.Page), burns}, reason},
		{"nobody knows", slo.Page, []whyStatus{status(slo.StateOK, "Events arrive.", "k2")}, "not known, because no group of the SLO names it now"},
	} {
		r := whyRecord{Key: "k1", Severity: c.severity}
		if got := r.holding(c.statuses); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
