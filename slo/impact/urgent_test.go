package impact

import "testing"

// A page that waits is told by fewer spans, and of the same place.
func TestAnUrgentAnswerNamesTheSamePlace(t *testing.T) {
	t.Parallel()
	spans, o, _ := benchSpans(100_000)
	tracker, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	tracker.Judged(spans)
	ask := func(urgent bool) string {
		e := tracker.Evidence(t.Context(), Question{Incident: checkoutIncident(), Urgent: urgent})
		if e == nil || e.Where == nil || len(e.Where.Explanations) == 0 {
			t.Fatalf("urgent %t: nothing was found", urgent)
		}
		return e.Where.Explanations[0].Labels.String()
	}
	if urgent, all := ask(true), ask(false); urgent != all || urgent != `{a1="1", a2="3"}` {
		t.Errorf("a page says %s, and what comes later %s", urgent, all)
	}
}
