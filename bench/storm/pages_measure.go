package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"slices"
	"strings"
	"time"

	"burnline/bench/internal/rig"
	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
)

// pageFigures are what one server showed in a storm into PagerDuty keys.
type pageFigures struct {
	// most is the most events of one key in any 60 s, refused how many were answered with 429.
	most, refused int
	// told is how many groups were told, all after what time all were, or how long was waited.
	told int
	all  time.Duration
	// critical and others are the times from when all alerts were taken to when each group was told, in order.
	critical, others []time.Duration
	// overtaken is how many warnings were told while a critical group of the same key waited.
	overtaken int
	// ends are how long the ends of groups took, of so many that ended.
	ends  []time.Duration
	ended int
	// slo is how long the page of an SLO took whose customers began to suffer meanwhile; 0 for none.
	slo time.Duration
	// summaries are the messages that tell of all that wait.
	summaries []string
	// deferred is how many groups were told more than a minute late, and shown of how many of them the ledger
	// says until when they were held back; why is what burnline why says of one that waits.
	deferred, shown int
	why             string
	cpu, latency    time.Duration
}

// pages sends a storm into PagerDuty keys.
func (o options) pages(ctx context.Context, s server, dir string, size int) (f pageFigures, err error) {
	pd := pagerduty.New(pagerduty.Options{})
	if err := pd.Start(ctx); err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, pd.Close()) }()
	shop, err := newShop(ctx)
	if err != nil {
		return f, err
	}
	defer shop.close()
	s.prepare = shop.promise
	p, err := o.start(ctx, s, dir, o.pageConfiguration(pd.URL()))
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, p.End()) }()
	idle, err := rig.CPU(p.PID())
	if err != nil {
		return f, err
	}
	asking, stop := context.WithCancel(ctx)
	worst := make(chan time.Duration, 1)
	go func() { worst <- ask(asking, p.api) }()
	defer stop()
	began := time.Now()
	alerts := o.pageStorm(size, began)
	if err := (&load{sent: map[string]time.Time{}}).send(ctx, o, p.api, alerts); err != nil {
		return f, fmt.Errorf("%w\n%s", err, p.Output())
	}
	taken := time.Now()
	if err := rig.Wait(ctx, laterAfter-time.Since(began)); err != nil {
		return f, err
	}
	ended, at, err := o.endSome(ctx, p, pd, shop, alerts)
	if err != nil {
		return f, err
	}
	if s.name == nameBurnline {
		f.why = o.why(ctx, p, read(pd.Events()))
	}
	waited, cancel := context.WithTimeout(ctx, o.most)
	for waited.Err() == nil && (len(read(pd.Events()).began) < o.groups || len(read(pd.Events()).ended) < len(ended)) {
		_ = rig.Wait(waited, time.Second) // its end is seen above
	}
	cancel()
	stop()
	f.latency = <-worst
	f.judge(o, pd, taken, at, ended)
	f.all = time.Since(began)
	if f.told == o.groups {
		f.all = lastOf(read(pd.Events()).began).Sub(began)
	}
	if s.name == nameBurnline {
		if err := f.ledger(ctx, p, pd, taken); err != nil {
			return f, err
		}
	}
	busy, err := rig.CPU(p.PID())
	f.cpu = busy - idle
	return f, err
}

// endSome ends groups that were told, and lets the shop's customers suffer.
func (o options) endSome(ctx context.Context, p *process, pd *pagerduty.Server, shop *shop, alerts []harness.Alert) (ended map[string]bool, at time.Time, _ error) {
	now := read(pd.Events())
	ended = map[string]bool{}
	perKey := map[string]int{}
	at = time.Now()
	shop.breaks.Store(at.UnixNano())
	var ends []harness.Alert
	for _, a := range alerts {
		name, key := a.Labels["alertname"], a.Labels["key"]
		if _, known := now.began[name]; !known || !ended[name] && perKey[key] == endedPerKey {
			continue
		}
		if !ended[name] {
			ended[name] = true
			perKey[key]++
		}
		a.EndsAt = at
		ends = append(ends, a)
	}
	return ended, at, (&load{sent: map[string]time.Time{}}).send(ctx, o, p.api, ends)
}

// judge reads the figures of what PagerDuty was told.
func (f *pageFigures) judge(o options, pd *pagerduty.Server, taken, at time.Time, ended map[string]bool) {
	f.most, f.refused = fullest(pd.Requests())
	events := pd.Events()
	t := read(events)
	f.told, f.ended = len(t.began), len(ended)
	for group := range o.groups {
		told, known := t.began[fmt.Sprintf("Alert%03d", group)]
		switch late := max(0, told.Sub(taken)); {
		case !known:
		case critical(group):
			f.critical = append(f.critical, late)
		default:
			f.others = append(f.others, late)
		}
	}
	slices.Sort(f.critical)
	slices.Sort(f.others)
	f.overtaken = overtaken(o, t, taken)
	for name := range ended {
		if told, known := t.ended[name]; known {
			f.ends = append(f.ends, told.Sub(at))
		}
	}
	slices.Sort(f.ends)
	for _, e := range events {
		summary := e.Event.Payload.Summary
		if strings.Contains(summary, "more incidents wait behind the limit") {
			f.summaries = append(f.summaries, summary)
		}
		if e.Event.EventAction == "trigger" && e.Event.Payload.Source == "shop" && f.slo == 0 {
			f.slo = e.At.Sub(at)
		}
	}
}

// overtaken counts the warnings that were told a second and more after all was taken, and a second and more
// before the last of what is critical at the same key: what leaves side by side arrives in any order.
func overtaken(o options, t told, taken time.Time) (n int) {
	last := make([]time.Time, o.keys) // when the last critical group of each key was told
	for group := range o.groups {
		if told, known := t.began[fmt.Sprintf("Alert%03d", group)]; critical(group) {
			if !known {
				told = time.Now()
			}
			if key := group % o.keys; told.After(last[key]) {
				last[key] = told
			}
		}
	}
	for group := range o.groups {
		told, known := t.began[fmt.Sprintf("Alert%03d", group)]
		if known && !critical(group) && told.After(taken.Add(time.Second)) && told.Before(last[group%o.keys].Add(-time.Second)) {
			n++
		}
	}
	return n
}

// why asks burnline why of a group that waits.
func (o options) why(ctx context.Context, p *process, t told) string {
	for group := range o.groups {
		name := fmt.Sprintf("Alert%03d", group)
		if _, known := t.began[name]; known {
			continue
		}
		out, err := exec.CommandContext(ctx, o.burnline, "why", name, "--server", strings.TrimSuffix(p.api, "/alertmanager/api/v2")).CombinedOutput()
		if err != nil {
			return err.Error()
		}
		for line := range strings.Lines(string(out)) {
			if strings.Contains(line, "rate-limited until") {
				return strings.TrimSpace(line)
			}
		}
		return "nothing of a limit"
	}
	return "nothing waits"
}

// ledger reads from the incident API of how many groups that were told late it says why.
func (f *pageFigures) ledger(ctx context.Context, p *process, pd *pagerduty.Server, taken time.Time) error {
	var answer struct {
		Incidents []struct {
			Summary    string `json:"summary"`
			Deliveries []struct {
				HeldUntil *time.Time `json:"held_until"`
			} `json:"deliveries"`
		} `json:"incidents"`
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.api, "/alertmanager/api/v2")+"/api/v1/incidents?limit=1000", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil {
		err = json.Unmarshal(body, &answer)
	}
	if err != nil {
		return fmt.Errorf("read the ledger: %w", err)
	}
	held := map[string]bool{}
	for _, in := range answer.Incidents {
		for _, d := range in.Deliveries {
			held[groupName.FindString(in.Summary)] = held[groupName.FindString(in.Summary)] || d.HeldUntil != nil
		}
	}
	for name, told := range read(pd.Events()).began {
		if told.Sub(taken) > time.Minute {
			f.deferred++
			if held[name] {
				f.shown++
			}
		}
	}
	return nil
}

// lastOf returns the latest of times.
func lastOf(times map[string]time.Time) (last time.Time) {
	for _, at := range times {
		if at.After(last) {
			last = at
		}
	}
	return last
}

func (f pageFigures) String() string {
	return fmt.Sprintf("at most %d events of a key in 60 s, %d answers of 429, %d groups told, %s; critical %s, others %s, %d warnings overtook; ends %s (%d of %d), SLO %s, %d summaries, %d of %d deferrals shown, %.1f CPU-s, API %s; %s",
		f.most, f.refused, f.told, f.all.Round(time.Millisecond), spread(f.critical), spread(f.others), f.overtaken, spread(f.ends), len(f.ends), f.ended, f.slo.Round(time.Millisecond),
		len(f.summaries), f.shown, f.deferred, f.cpu.Seconds(), f.latency.Round(time.Millisecond), f.why)
}

// spread writes the median and the longest of durations in order, in seconds.
func spread(all []time.Duration) string {
	if len(all) == 0 {
		return "none"
	}
	return fmt.Sprintf("%.1f / %.1f", all[len(all)/2].Seconds(), all[len(all)-1].Seconds())
}
