package main

import (
	"bytes"
	"regexp"
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

// An incident whose failing has stopped is told so first, and what was told then is said to be that.
func TestWhyTellsThatTheFailingStopped(t *testing.T) {
	t.Parallel()
	r := whyRecord{Key: "k1", SLO: "shop/availability", Severity: slo.Page, Summary: "Buying: 1 in 6 requests fails."}
	for _, c := range []struct {
		name    string
		holding *whyHolding
		cause   slo.Cause
		want    string
	}{
		{"it stopped", &whyHolding{Reason: "A page policy fires.", Text: "Buying: failures have stopped since 12:05 UTC."}, "",
			"Buying: failures have stopped since 12:05 UTC.\nWhat was told: Buying: 1 in 6 requests fails.\nWhat holds it open now: A page policy fires.\n"},
		{"it goes on", &whyHolding{Reason: "A page policy fires."}, "", "open since once it can\nBuying: 1 in 6 requests fails.\nWhat holds it open now: A page policy fires.\n"},
		{"nobody knows", nil, slo.CauseBurn, "What holds it open now: not known, because the engine doesn't name it now\n"},
		{"an alert is its sender's", nil, slo.CauseAlert, "Buying: 1 in 6 requests fails.\n\nIt rests on"},
	} {
		r.Holding, r.Cause = c.holding, c.cause
		var b strings.Builder
		if r.write(&b); !strings.Contains(b.String(), c.want) {
			t.Errorf("%s: no %q in\n%s", c.name, c.want, &b)
		}
	}
}
