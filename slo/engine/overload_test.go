package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"burnline/slo"
)

func idle(t *testing.T, now *time.Time, store *memory, defs ...slo.Definition) *Engine {
	t.Helper()
	e, err := New(Options{
		Reader: store, Now: func() time.Time { return *now },
		Commit: func(context.Context, slo.Transition) error { return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Update(defs); err != nil {
		t.Fatal(err)
	}
	return e
}

// Pods that come and go leave nothing behind once they are older than what is kept, and one that
// comes back counts on from its last sample.
func TestVanishedPodsAreForgotten(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := newMemory()
	d := eventsSLO("shop/buy")
	d.Window.Rolling, d.GroupBy = time.Hour, []string{"version"}
	d.Policies = slo.DefaultPolicies(d.Window.Rolling)
	e := idle(t, &now, store, d)
	one := e.tracked(d.ID)
	pod := func(n int) *slo.Series {
		return slo.NewSeries(slo.NewLabels(slo.MetricName, "req", "job", "shop", "code", "200",
			"instance", fmt.Sprint("pod-", n), "version", fmt.Sprint("v", n/2)))
	}
	report := func(s *slo.Series, v float64) {
		sample := slo.Sample{T: now.UnixMilli(), V: v}
		store.commit(s.Labels(), sample)
		e.Deliver([]slo.SeriesSample{{Series: s, Sample: sample}})
		judgeAll(e)
		judgeAll(e)
	}
	const pods = 200
	for n := range pods {
		s := pod(n)
		for minute := range 30 {
			now = now.Add(time.Minute)
			report(s, float64(10*minute))
		}
		e.sweep(now)
	}
	for what, n := range map[string]int{
		"members": len(one.table.members), "member numbers": int(one.table.series.size), "families": len(one.table.families.uses),
		"family keys": len(one.table.families.of), "groups": len(one.table.groups.uses), "group keys": len(one.table.groups.of),
		"counted series": len(one.acc.series), "counted families": len(one.acc.families), "counted groups": len(one.acc.groups),
		"bindings": len(e.bindings), "statuses": len(e.Status(d.ID)), "states": len(one.since),
	} {
		if n < 1 || n > int(leastKept/(30*time.Minute))+8 { // each pod lives for half an hour
			t.Errorf("after %d pods there are %d %s", pods, n, what)
		}
	}
	report(pod(0), 300)
	for _, s := range e.Status(d.ID) {
		got := s.Burns[len(s.Burns)-1].Counts
		if want := bruteWindow(store, &d, s.Group.String(), now, time.Hour); !near(got.Total, want.Total) {
			t.Errorf("group %s: counted %v, want %v", s.Group, got, want)
		}
	}
}

// A sample that was on its way while its series was forgotten counts once.
func TestAForgottenSeriesIsBoundAnew(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := newMemory()
	d := eventsSLO("shop/buy")
	d.Window.Rolling = time.Hour
	d.Policies = slo.DefaultPolicies(d.Window.Rolling)
	e := idle(t, &now, store, d)
	one, s, other := e.tracked(d.ID), reqSeries("200", 0), reqSeries("500", 1)
	report := func(s *slo.Series, v float64) {
		sample := slo.Sample{T: now.UnixMilli(), V: v}
		store.commit(s.Labels(), sample)
		e.Deliver([]slo.SeriesSample{{Series: s, Sample: sample}})
	}
	judgeAll(e)
	report(s, 5)
	judgeAll(e)
	now = now.Add(3 * time.Hour)
	report(s, 7)
	e.sweep(now)      // forgets the series, whose new sample waits in the inbox
	report(other, 40) // takes the number that is free
	judgeAll(e)
	now = now.Add(time.Minute)
	report(s, 9)
	report(other, 41)
	for range 3 {
		judgeAll(e)
	}
	want := bruteWindow(store, &d, "", now, time.Hour)
	st := e.Status(d.ID)[0]
	if got := st.Burns[len(st.Burns)-1].Counts; !near(got.Total, want.Total) || !near(got.Good, want.Good) || len(one.table.members) != 2 {
		t.Errorf("counted %v with %d members, want %v with 2", got, len(one.table.members), want)
	}
}

// More SLOs than there is room for are judged and read in turn.
func TestUnderOverloadEveryoneGetsATurn(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := newMemory()
	store.err = errors.New("connection refused")
	var defs []slo.Definition
	const slos = 2500
	for i := range slos {
		defs = append(defs, eventsSLO(fmt.Sprintf("shop/slo-%04d", i)))
	}
	e := idle(t, &now, store, defs...)
	judged := map[*tracked]bool{}
	var next turns
	for range 3 {
		e.dispatch(t.Context(), now, &next)
		e.background.Wait()
		for len(e.work) > 0 {
			one := <-e.work
			judged[one] = true
			one.queued.Store(false)
			one.dirty.Store(true) // samples come all the time
		}
	}
	if len(judged) != slos {
		t.Errorf("%d of %d SLOs got a turn to be judged", len(judged), slos)
	}
	for range slos {
		now = now.Add(time.Minute)      // everybody wants to read again
		for len(e.reads) < maxReads-1 { // one read at a time
			e.reads <- nil
		}
		e.dispatch(t.Context(), now, &next)
		for len(e.reads) > 0 {
			if one := <-e.reads; one != nil {
				e.readOnce(t.Context(), one)
				one.busy.Store(false)
			}
		}
		for len(e.work) > 0 {
			(<-e.work).queued.Store(false)
		}
	}
	unread := 0
	for _, one := range e.list() {
		if one.failures == 0 {
			unread++
		}
	}
	if unread > 0 {
		t.Errorf("%d of %d SLOs never got a turn to read their history", unread, slos)
	}
}

// A clock that is set back by hours stops neither judging nor reading nor committing.
func TestClockSetBack(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := newMemory()
	store.err = errors.New("connection refused")
	d := eventsSLO("shop/buy")
	e := idle(t, &now, store, d)
	one := e.tracked(d.ID)
	e.readOnce(t.Context(), one)
	e.evaluate(t.Context(), one)
	if one.isDue(now) || one.wantsRead(now.UnixMilli()) {
		t.Fatal("right after judging and reading neither is due")
	}
	now = now.Add(-3 * time.Hour)
	if !one.isDue(now) || !one.wantsRead(now.UnixMilli()) {
		t.Errorf("after the clock was set back: judging is due %v, reading %v", one.isDue(now), one.wantsRead(now.UnixMilli()))
	}
	at := now.UnixMilli()
	if pausing(at-1, at) || !pausing(at+1000, at) || pausing(at+3_600_000, at) {
		t.Error("a pause is neither over nor longer than the longest there is")
	}
}

// While commits and the recorder hang, the other SLOs are judged as ever.
func TestAHangingStoreStopsNoJudging(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := newMemory()
		e, err := New(Options{Reader: store, Recorder: hanging{}, Commit: func(ctx context.Context, _ slo.Transition) error {
			<-ctx.Done()
			return ctx.Err()
		}})
		if err != nil {
			t.Fatal(err)
		}
		var defs []slo.Definition
		for i := range 3 * workers {
			defs = append(defs, eventsSLO(fmt.Sprintf("shop/slo-%02d", i)))
		}
		calm := eventsSLO("shop/zzz")
		calm.SLI.Events.Total[0].Selector.Name, calm.SLI.Events.Bad[0].Selector.Name = "calm", "calm"
		if err := e.Update(append(defs, calm)); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		var running sync.WaitGroup
		running.Go(func() { _ = e.Run(ctx) })
		defer running.Wait()
		defer cancel()
		good := slo.NewSeries(slo.NewLabels(slo.MetricName, "calm", "code", "200"))
		report := func(s *slo.Series, v float64) {
			sample := slo.Sample{T: time.Now().UnixMilli(), V: v}
			store.commit(s.Labels(), sample)
			e.Deliver([]slo.SeriesSample{{Series: s, Sample: sample}})
		}
		<-time.After(5 * time.Second)
		failing := reqSeries("500", 0)
		report(failing, 0)
		report(good, 0)
		<-time.After(5 * time.Second)
		report(failing, 1000)
		<-time.After(time.Minute)
		for n := range 20 {
			report(good, float64(n+1))
			<-time.After(time.Second)
			if s := e.Status("shop/zzz")[0]; s.Burns[len(s.Burns)-1].Counts.Total != float64(n+1) {
				t.Fatalf("a second after sample %d the SLO shows %v", n+1, s.Burns[len(s.Burns)-1].Counts)
			}
		}
	})
}

type hanging struct{}

func (hanging) Record(ctx context.Context, _ []slo.Recorded) error {
	<-ctx.Done()
	return ctx.Err()
}

// What is delivered while nobody counts is bounded; what didn't fit is read from
// storage.
func TestAFullInboxIsReadFromStorage(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	store := newMemory()
	d := eventsSLO("shop/buy")
	e := idle(t, &now, store, d)
	one := e.tracked(d.ID)
	one.room = 5000
	judgeAll(e)
	const each, all = 300, 15_000
	begin := now
	series := []*slo.Series{reqSeries("200", 0), reqSeries("500", 1)}
	for n := 0; n < 2*all; n += 2 * each {
		var batch []slo.SeriesSample
		for i := range each {
			now = begin.Add(time.Duration(n/2+i) * time.Millisecond)
			for _, s := range series {
				batch = append(batch, slo.SeriesSample{Series: s, Sample: slo.Sample{T: now.UnixMilli(), V: float64(n/2 + i)}})
			}
		}
		for _, s := range batch {
			store.commit(s.Series.Labels(), s.Sample)
		}
		e.Deliver(batch)
		if len(one.inbox) > one.room {
			t.Fatalf("the inbox holds %d samples", len(one.inbox))
		}
	}
	for range 10 {
		judgeAll(e)
		now = now.Add(maxBackOff)
	}
	judgeAll(e)
	st := e.Status(d.ID)[0]
	if got, want := st.Burns[len(st.Burns)-1].Counts, (slo.Counts{Total: 2 * (all - 1), Good: all - 1}); got != want {
		t.Errorf("counted %v, want %v", got, want)
	}
}
