package impact

import (
	"context"
	"encoding/binary"
	"hash/fnv"
	"maps"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"burnline/slo"
)

// noon is when the tests' incidents start.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// world is a tracker with a clock of its own.
type world struct {
	*Tracker
	t    *testing.T
	mu   sync.Mutex
	time time.Time
	kept map[[2]string]State
}

func newWorld(t *testing.T, change func(*Options)) *world {
	t.Helper()
	w := &world{t: t, time: noon.Add(-30 * time.Minute), kept: map[[2]string]State{}}
	w.start(change)
	return w
}

// start begins anew, as a process does, with what the one before it kept.
func (w *world) start(change func(*Options)) {
	w.t.Helper()
	o := Options{
		Now: w.now, Customer: "enduser.id", Compare: []string{"region", "version", "route"}, Region: "region", Journey: "route",
		Currency: "EUR", Store: w,
	}
	if change != nil {
		change(&o)
	}
	var err error
	if w.Tracker, err = New(o); err != nil {
		w.t.Fatal(err)
	}
	if err := w.Resume(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.time
}

func (w *world) set(at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.time = at
}

func (w *world) SaveImpact(_ context.Context, states []State) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range states {
		w.kept[s.name()] = s
	}
	return nil
}

func (w *world) LoadImpact(_ context.Context, known func(State) bool) ([]State, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := slices.Collect(maps.Values(w.kept))
	for i := range all {
		if known != nil && known(all[i]) {
			all[i].Body = nil
		}
	}
	return all, nil
}

func (w *world) DropImpact(_ context.Context, node string, keys []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, key := range keys {
		delete(w.kept, [2]string{key, node})
	}
	return nil
}

// customer is the hash of a customer's id.
func customer(n int) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte("customer-" + strconv.Itoa(n)))
	x := h.Sum64() // FNV spreads short texts badly: finish as MurmurHash3 does
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// span is one span of checkout.
func span(at time.Time, who int, bad bool, region, version, route string) slo.JudgedSpan {
	s := slo.JudgedSpan{SLO: "checkout/ok", Bad: bad, End: at, Duration: 20 * time.Millisecond, Name: "POST " + route,
		Customer: customer(who), Values: []string{region, version, route}}
	binary.BigEndian.PutUint64(s.Trace[:], uint64(at.UnixNano()))
	binary.BigEndian.PutUint64(s.Trace[8:], uint64(who)+1)
	binary.BigEndian.PutUint64(s.Span[:], uint64(who)+1)
	return s
}

// incident is one of checkout that started at noon.
func checkoutIncident() slo.Incident {
	return slo.Incident{Key: "k1", SLO: "checkout/ok", Severity: slo.Page, Groups: []slo.Labels{nil}, Started: noon, Opened: noon.Add(2 * time.Minute)}
}

func (w *world) ask(in slo.Incident) *slo.Evidence {
	w.t.Helper()
	e := w.Evidence(w.t.Context(), Question{Incident: in, Definition: &slo.Definition{ID: in.SLO}})
	if e == nil || e.Impact == nil {
		w.t.Fatalf("nothing is known of %s", in.Key)
	}
	return e
}
