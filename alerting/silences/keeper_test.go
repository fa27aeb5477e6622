package silences

import (
	"context"
	"errors"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

func TestASilenceIsPutInForceChangedAndEnded(t *testing.T) {
	d := newDesk(t)
	if len(d.told) != 1 || d.told[0] == nil && len(d.told[0]) != 0 {
		t.Fatalf("at the start %v was passed on, want that there is none", d.told)
	}
	s := d.put(request(t, `service="cart"`))
	if s.ID != "id-1" || !s.StartsAt.Equal(noon) || s.Ceiling != 160 || s.State(noon) != alerting.SilenceActive || d.inForce() != "id-1 " {
		t.Fatalf("in force are %q, %+v", d.inForce(), s)
	}

	// Longer, with the same matchers: the same silence.
	d.now = noon.Add(time.Hour)
	longer := request(t, `service="cart"`)
	longer.ID, longer.EndsAt, longer.Author = "id-1", noon.Add(5*time.Hour), "grace"
	if s = d.put(longer); s.ID != "id-1" || !s.StartsAt.Equal(noon) || !s.EndsAt.Equal(noon.Add(5*time.Hour)) || s.Author != "grace" {
		t.Errorf("made longer it is %+v", s)
	}

	// With other matchers: another silence, and the first is over.
	other := longer
	other.Matchers = matchers(t, `service="cart"`, `severity="ticket"`)
	if s = d.put(other); s.ID == "id-1" || !s.StartsAt.Equal(d.now) || d.inForce() != s.ID+" " {
		t.Errorf("with other matchers in force are %q: %+v", d.inForce(), s)
	}
	if first, err := d.Silence(t.Context(), "id-1"); err != nil || !first.EndsAt.Equal(d.now) || first.ExpiredBy != "grace" || !first.StartsAt.Equal(noon) {
		t.Errorf("the first is %+v, %v", first, err)
	}

	// Ended; and again, which changes nothing.
	d.now = noon.Add(2 * time.Hour)
	for _, by := range []string{"ada", "eve"} {
		if s, err := d.Expire(t.Context(), s.ID, by); err != nil || s.ExpiredBy != "ada" || !s.EndsAt.Equal(noon.Add(2*time.Hour)) {
			t.Errorf("ended by %s it is %+v, %v", by, s, err)
		}
		d.now = d.now.Add(time.Minute)
	}
	if d.inForce() != "" {
		t.Errorf("in force are %q", d.inForce())
	}
	// One that is over comes back as another.
	longer.EndsAt = noon.Add(6 * time.Hour)
	if s = d.put(longer); s.ID == "id-1" {
		t.Errorf("one that was over is changed: %+v", s)
	}
}

func TestASilenceThatIsToComeIsListedAndEndedBeforeItBegins(t *testing.T) {
	d := newDesk(t)
	later := request(t, `service="cart"`)
	later.StartsAt = noon.Add(time.Hour)
	d.put(later)
	now := d.put(request(t, `service="search"`))
	over := d.put(request(t, `service="payment"`))
	if _, err := d.Expire(t.Context(), over.ID, "ada"); err != nil {
		t.Fatal(err)
	}
	// Moved before it begins, it is still the same.
	later.ID, later.StartsAt = "id-1", noon.Add(30*time.Minute)
	if s := d.put(later); s.ID != "id-1" || !s.StartsAt.Equal(noon.Add(30*time.Minute)) {
		t.Errorf("moved it is %+v", s)
	}
	all, err := d.List(t.Context())
	if err != nil || len(all) != 3 || all[0].ID != now.ID || all[1].ID != "id-1" || all[2].ID != over.ID {
		t.Fatalf("the list is %+v, %v", all, err)
	}
	s, err := d.Expire(t.Context(), "id-1", "ada")
	if err != nil || !s.StartsAt.Equal(noon) || !s.EndsAt.Equal(noon) || s.State(noon) != alerting.SilenceExpired {
		t.Errorf("ended before it began it is %+v, %v", s, err)
	}
	d.now = noon.Add(31 * 24 * time.Hour)
	if all, err := d.List(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("after a month the list is %+v, %v", all, err)
	}
	if s, err := d.Silence(t.Context(), over.ID); err != nil || s.ID != over.ID {
		t.Errorf("after a month it is %+v, %v", s, err)
	}
}

func TestWhatIsWrongChangesNothing(t *testing.T) {
	d := newDesk(t)
	var found slo.Problems
	if _, err := d.Put(t.Context(), Request{}); !errors.As(err, &found) {
		t.Errorf("an empty request: %v", err)
	}
	if _, err := d.Preview(t.Context(), request(t, `service!="x"`)); !errors.As(err, &found) {
		t.Errorf("a preview of nearly everything: %v", err)
	}
	wide := request(t, `tier="1"`)
	var tooWide *TooWide
	if _, err := d.Put(t.Context(), wide); !errors.As(err, &tooWide) || len(tooWide.Preview.SLOs) != 8 {
		t.Errorf("everything unconfirmed: %v", err)
	}
	lost := request(t, `service="cart"`)
	lost.ID = "never was"
	if _, err := d.Put(t.Context(), lost); !errors.Is(err, ErrUnknown) {
		t.Errorf("a change of one that never was: %v", err)
	}
	if _, err := d.Expire(t.Context(), "never was", "ada"); !errors.Is(err, ErrUnknown) {
		t.Errorf("the end of one that never was: %v", err)
	}
	if _, err := d.Silence(t.Context(), "never was"); !errors.Is(err, ErrUnknown) {
		t.Errorf("one that never was: %v", err)
	}
	d.err = errors.New("the store is away")
	if _, err := d.Put(t.Context(), request(t, `service="cart"`)); !errors.Is(err, d.err) {
		t.Errorf("without a preview: %v", err)
	}
	if len(d.told) != 1 {
		t.Errorf("passed on were %+v", d.told)
	}
	d.err, wide.Confirmed = nil, true
	d.put(wide)
}

func TestASilenceUntilResolvedEndsWithTheLastThatItMatched(t *testing.T) {
	d := newDesk(t)
	r := request(t, `service="cart"`)
	r.UntilResolved = true
	s := d.put(r)
	at := func(after time.Duration, records ...alerting.Record) alerting.SilenceState {
		t.Helper()
		d.now, d.world.Incidents = noon.Add(after), records
		if err := d.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		have, err := d.Silence(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		return have.State(d.now)
	}
	before := incident("before", "cart/latency", "cart", time.Hour, time.Minute)
	other := incident("other", "search/latency", "search", time.Hour, 0)
	first := incident("first", "cart/latency", "cart", 0, 0)
	ended := incident("first", "cart/latency", "cart", 0, 0)
	ended.Incident.Closed = noon.Add(10 * time.Minute)
	second := incident("second", "cart/availability", "cart", 0, 0)
	if at(time.Minute, before, other) != alerting.SilenceActive {
		t.Error("it ends before it matched anything")
	}
	if at(2*time.Minute, other, first) != alerting.SilenceActive {
		t.Error("it ends while what it matches is open")
	}
	if at(11*time.Minute, other, ended, second) != alerting.SilenceActive {
		t.Error("it ends while a second one is open")
	}
	d.world.Alerts = []slo.Labels{slo.NewLabels("alertname", "CartFull", "service", "cart")}
	if at(15*time.Minute, other) != alerting.SilenceActive {
		t.Error("it ends while an alert of a group fires that it matches")
	}
	d.world.Alerts = nil
	if at(20*time.Minute, other) != alerting.SilenceExpired {
		t.Error("it goes on when nothing is open that it matches")
	}
	if have, _ := d.Silence(t.Context(), s.ID); have.ExpiredBy != ByResolution || d.inForce() != "" {
		t.Errorf("it is %+v; in force are %q", have, d.inForce())
	}
	if len(d.since) != 0 || len(d.matched) != 0 {
		// The next look forgets it.
		if at(21*time.Minute, other); len(d.since) != 0 || len(d.matched) != 0 {
			t.Errorf("what is over is remembered: %v %v", d.since, d.matched)
		}
	}
}

func TestWhatAnotherNodeChangedIsPassedOn(t *testing.T) {
	d := newDesk(t)
	other, err := New(d.o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := other.Put(t.Context(), request(t, `service="cart"`))
	if err != nil {
		t.Fatal(err)
	}
	calls := len(d.told)
	for range 2 {
		if err := d.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(d.told) != calls+1 || d.inForce() != s.ID+" " {
		t.Errorf("after two looks %d changes were passed on, in force are %q", len(d.told)-calls, d.inForce())
	}
	d.now = s.EndsAt
	if err := d.Step(t.Context()); err != nil || d.inForce() != "" {
		t.Errorf("when it is over in force are %q, %v", d.inForce(), err)
	}
}

func TestWhatIsOpenIsReadOnceForAllSilencesAndATenthOfTheTime(t *testing.T) {
	d := newDesk(t)
	for _, service := range []string{`service="cart"`, `service="search"`} {
		r := request(t, service)
		r.UntilResolved = true
		d.put(r)
	}
	reads := 0
	d.o.World = func(context.Context, time.Time) (World, error) {
		reads++
		d.now = d.now.Add(time.Second) // there is much to read
		return d.world, nil
	}
	for range 30 {
		if err := d.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.now = d.now.Add(pollEvery)
	}
	if reads < 4 || reads > 7 {
		t.Errorf("it is read %d times in a minute, want every tenth second", reads)
	}
}
