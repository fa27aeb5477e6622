package impact

import (
	"testing"
	"time"

	"burnline/slo"
)

// node starts one more process on the world's store and clock.
func (w *world) node(name string) *world {
	w.t.Helper()
	n := &world{t: w.t, time: w.now(), kept: w.kept}
	n.start(func(o *Options) { o.Node = name })
	return n
}

// turn lets some nodes keep what they know, and then read what the others kept.
func turn(at time.Time, nodes ...*world) {
	for _, n := range nodes {
		n.set(at)
		n.save(n.t.Context(), false)
	}
	for _, n := range nodes {
		n.listen(n.t.Context())
	}
}

func TestNodesOnOneStoreCountTogether(t *testing.T) {
	for name, customers := range map[string]int{"few are counted exactly": 30, "many by merged sketches": 6000} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			a, b := w.node("a"), w.node("b")
			in, at := checkoutIncident(), noon.Add(time.Minute)
			a.set(at)
			b.set(at)
			for i := range customers { // two thirds go to each, so a third goes to both
				s := []slo.JudgedSpan{span(noon, i, true, "eu", "1", "/pay")}
				if i%3 != 0 {
					a.Judged(s)
				}
				if i%3 != 1 {
					s[0].Values = []string{"us", "1", "/pay"}
					b.Judged(s)
				}
			}
			a.ask(in) // b is never asked, and follows it all the same
			for i := range 3 {
				turn(at.Add(time.Duration(i)*readEvery), a, b)
			}
			events, want := float64(customers*4/3), float64(customers)
			for _, n := range []*world{a, b} {
				i := n.ask(in).Impact
				if i.AtLeast || i.Failed != events || len(i.Regions) != 2 || i.Regions[0].Failed != events/2 {
					t.Errorf("impact is %+v, want %v failed events in two regions", i, events)
				}
				if off := i.Customers.Hurt - want; max(off, -off) > 3*i.Customers.Error*want {
					t.Errorf("%v customers are hurt, want %v", i.Customers.Hurt, want)
				}
				if hurt, _, _, known := n.hurt(in); !known || hurt != i.Customers.Hurt {
					t.Errorf("rules see %v customers, messages %v", hurt, i.Customers.Hurt)
				}
			}
		})
	}
}

func TestANodeThatComesBackReplacesWhatItKept(t *testing.T) {
	w := newWorld(t, nil)
	a, b := w.node("a"), w.node("b")
	in, at := checkoutIncident(), noon.Add(time.Minute)
	for i, n := range []*world{a, b} {
		n.set(at)
		n.Judged([]slo.JudgedSpan{span(noon, i, true, "eu", "1", "/pay")})
		n.ask(in)
	}
	turn(at, a, b)
	a.save(t.Context(), true)
	a = b.node("a")
	for i := range 4 {
		turn(at.Add(time.Duration(i)*saveEvery), a, b)
	}
	for _, n := range []*world{a, b} {
		if i := n.ask(in).Impact; i.Failed != 2 || i.Customers.Hurt != 2 || i.AtLeast {
			t.Errorf("impact is %+v of %+v, want 2 events of 2 customers", i, i.Customers)
		}
	}
}

func TestWhatANodeCountedStaysWhenItIsGoneAndIsAtLeastAfterAKill(t *testing.T) {
	for name, clean := range map[string]bool{"a clean end loses nothing": true, "after a kill it is at least": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, nil)
			a, b := w.node("a"), w.node("b")
			in, at := checkoutIncident(), noon.Add(time.Minute)
			for i, n := range []*world{a, b} {
				n.set(at)
				n.Judged([]slo.JudgedSpan{span(noon, i, true, "eu", "1", "/pay")})
				n.ask(in)
			}
			turn(at, a, b)
			b.set(at.Add(saveEvery))
			if clean {
				b.save(t.Context(), true)
			}
			turn(at.Add(saveEvery), a)
			if i := a.ask(in).Impact; i.Failed != 2 || i.AtLeast {
				t.Errorf("while it may live, impact is %+v", i)
			}
			for i := range 30 { // longer than closedAfter
				turn(at.Add(time.Duration(i)*time.Minute), a)
				a.forget(t.Context(), a.now())
			}
			if i := a.ask(in).Impact; i.Failed != 2 || i.AtLeast == clean {
				t.Errorf("impact is %+v", i)
			}
		})
	}
}
