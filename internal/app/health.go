package app

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"burnline/internal/redact"
	"burnline/slo"
	"burnline/storage/state"
	"burnline/web"
)

// Health implements web.System.
func (p *parts) Health(ctx context.Context) web.Health {
	set := p.set.Load()
	h := web.Health{
		At: time.Now(), Version: Version(), Started: p.started,
		OTLPGRPC: reachable(p.collector.Endpoints().GRPC), OTLPHTTP: reachable(p.collector.Endpoints().HTTP),
		SamplesPerSecond: p.vitals.rate("burnline_ingest_samples_total") + p.vitals.rate("burnline_remote_written_samples_total"),
		SpansPerSecond:   p.vitals.rate("burnline_collector_spans_total"),
		SLOPaths:         set.sloPaths(),
		Files:            p.filesOf(set),
	}
	if l, ok := p.vitals.latest(); ok {
		h.Refused = refusals(l)
		h.EvaluationP50 = seconds(l.quantile("burnline_engine_judge_duration_seconds", 0.5))
		h.EvaluationP99 = seconds(l.quantile("burnline_engine_judge_duration_seconds", 0.99))
		h.Series = int64(l.sum("burnline_ingest_active_series"))
		h.Stores = p.stores(l)
		kept := l.by("burnline_engine_checkpoints_total", "result")
		h.Checkpoints = web.Checkpoints{Written: kept["written"], Failed: kept["failed"], Resumed: kept["resumed"], Dropped: kept["dropped"]}
	}
	h.NewestSample = p.engine.NewestSample()
	if !h.NewestSample.IsZero() {
		h.Lag = h.At.Sub(h.NewestSample)
	}
	for _, r := range set.alerting.Receivers {
		h.Receivers = append(h.Receivers, r.Name)
	}
	h.Rules = ruleGroups(p.rules.Groups())
	h.Components = p.components(ctx, &h)
	if keys := p.waiting.Load(); keys != nil {
		h.Waiting = *keys
	}
	if refused := p.refused.Load(); refused != nil {
		h.SetKept = true
		h.Files = append(h.Files, files(nil, refused.findings)...)
	}
	return h
}

// configurationPart is the component that says whether the last reload was refused.
const configurationPart = "configuration"

// components says how each part fares, and fills in the outbox's depth, which
// tells of one of them.
func (p *parts) components(ctx context.Context, h *web.Health) []web.Component {
	taking := web.Component{Name: "collector", State: web.ComponentOK}
	select {
	case <-p.collector.Ready():
	default:
		taking.State, taking.Reason = web.ComponentStarting, "the pipeline is not up yet"
	}
	config := web.Component{Name: configurationPart, State: web.ComponentOK}
	if refused := p.refused.Load(); refused != nil {
		config.State = web.ComponentDegraded
		config.Reason = fmt.Sprintf("the reload at %s was refused and the set before it is in force: %s",
			refused.at.UTC().Format("15:04 UTC"), brief(refused))
	}
	outbox := web.Component{Name: "outbox", State: web.ComponentOK}
	var err error
	if h.OutboxDepth, h.OutboxOldest, err = p.state.OutboxDepth(ctx, h.At); err != nil {
		outbox.State, outbox.Reason = web.ComponentFailed, err.Error()
	} else if h.OutboxOldest > time.Minute {
		outbox.State = web.ComponentDegraded
		outbox.Reason = fmt.Sprintf("a message waits for %s; its incident shows the receiver's answer", h.OutboxOldest.Round(time.Second))
	}
	all := []web.Component{taking, p.storing(), p.tracing(), p.keeping(), config, outbox}
	if last, ok := drilled("drill", p.drills); ok {
		all = append(all, last)
	}
	all = append(all, p.backups.components()...)
	if heart, ok := p.beating(h.At); ok {
		all = append(all, heart)
	}
	return all
}

// keeping says whether incidents and messages are kept, and where.
func (p *parts) keeping() web.Component {
	c := keeps(p.state.Trouble())
	if since, waiting, why := p.state.Absence(); !since.IsZero() {
		c.State = web.ComponentDegraded
		text := "pages go out by the local spool since " + since.UTC().Format("15:04:05 UTC")
		if trouble := p.state.Trouble(); trouble != nil {
			text = "the local spool can't be written either, so new pages wait: " + trouble.Error()
		}
		wait := "incidents wait"
		if waiting == 1 {
			wait = "incident waits"
		}
		c.Reason = fmt.Sprintf("%s; %d %s to be reconciled; what only PostgreSQL keeps, such as silences, can't be changed: %s", text, waiting, wait, why)
	}
	return c
}

// keeps says whether incidents and messages are kept. What could not be committed is
// tried again by whoever wanted it: the engine, the sender of an alert, the deliverer.
func keeps(trouble error) web.Component {
	c := web.Component{Name: web.StateStore, State: web.ComponentOK}
	if trouble != nil {
		c.State = web.ComponentDegraded
		c.Reason = "incidents and messages can't be kept, so new pages wait: " + trouble.Error()
	}
	return c
}

// storing says whether what arrives is kept. A store that fails answers its
// senders, and nobody else would notice that its disk is full.
func (p *parts) storing() web.Component {
	c := web.Component{Name: web.MetricStore, State: web.ComponentOK}
	full := error(nil)
	if p.local != nil {
		full = p.disk.samples()
	}
	switch {
	case full != nil:
		c.State, c.Reason = web.ComponentDegraded, "samples are refused, and their senders told to try again: "+full.Error()
	case p.backend.trouble() != nil:
		c.State, c.Reason = web.ComponentDegraded, p.backend.trouble().Error()
	case p.vitals.rate("burnline_ingest_failed_batches_total") > 0:
		c.State = web.ComponentDegraded
		c.Reason = "samples can't be stored, and their senders are told to try again; look at the free space of " +
			p.set.Load().Config.Data + " and at the log"
	case p.vitals.rate("burnline_remote_failed_commits_total") > 0:
		c.State = web.ComponentDegraded
		c.Reason = "the metric backend takes no samples, and their senders are told to try again; see whether it runs"
	case p.vitals.rate("burnline_remote_poll_errors_total") > 0 || p.pollsAreLate(time.Now()):
		c.State = web.ComponentDegraded
		c.Reason = "the metric backend can't be read, so no SLO gets new samples; see whether it runs"
	}
	return c
}

// tracing says whether traces are kept.
func (p *parts) tracing() web.Component {
	c := web.Component{Name: "trace store", State: web.ComponentOK}
	if err := p.disk.traces(); err != nil {
		c.State, c.Reason = web.ComponentDegraded, "no traces are kept: "+err.Error()
	}
	return c
}

// latePolls is for how long no poll of a remote backend may have succeeded.
const latePolls = 30 * time.Second

// pollsAreLate tells a backend that hangs, and so fails seldom, from one that answers.
func (p *parts) pollsAreLate(now time.Time) bool {
	l, ok := p.vitals.latest()
	if p.remote == nil || !ok {
		return false
	}
	last := time.Unix(int64(l.sum("burnline_remote_last_whole_poll_timestamp_seconds")), 0)
	if last.Before(p.started) {
		last = p.started
	}
	return now.Sub(last) > latePolls
}

// brief says the first thing that is wrong; the rest is listed with its file.
func brief(refused *refusedReload) string {
	errs := refused.findings.Errors()
	switch len(errs) {
	case 0:
		return refused.err.Error()
	case 1:
		return errs[0].String()
	}
	return fmt.Sprintf("%s; and %d more", errs[0], len(errs)-1)
}

// stores lists where data is kept and how large it is.
func (p *parts) stores(l look) []web.Storage {
	c := p.set.Load().Config
	metrics := web.Storage{
		Name: "metrics", Where: filepath.Join(c.Data, "metrics"), Limit: c.MetricsSize(),
		Bytes: l.size("prometheus_tsdb_storage_blocks_bytes", "prometheus_tsdb_wal_storage_size_bytes"),
	}
	if p.remote != nil {
		metrics = web.Storage{Name: "metrics", Where: redact.Address(p.remote.QueryURL())}
	}
	states := web.Storage{Name: "state", Where: filepath.Join(c.Data, state.FileName)}
	states.Bytes = sizeOf(states.Where, states.Where+"-wal")
	if c.State.DSN != "" {
		states = web.Storage{Name: "state", Where: "PostgreSQL"}
	}
	return []web.Storage{
		metrics,
		{Name: "traces", Where: filepath.Join(c.Data, "traces"), Limit: c.TracesSize(), Bytes: l.size("burnline_traces_bytes")},
		states,
	}
}

// sizeOf adds up files; nil where the first one can't be read. SQLite keeps what is new in a file beside the
// database, which may be the larger one.
func sizeOf(file string, beside ...string) *int64 {
	info, err := os.Stat(file)
	if err != nil {
		return nil
	}
	total := info.Size()
	for _, name := range beside {
		if info, err := os.Stat(name); err == nil {
			total += info.Size()
		}
	}
	return &total
}

// size adds up gauges of bytes; nil when none of them is there.
func (l look) size(names ...string) *int64 {
	var total *int64
	for _, name := range names {
		if l.families[name] == nil {
			continue
		}
		if total == nil {
			total = new(int64)
		}
		*total += int64(l.sum(name))
	}
	return total
}

// noRoom is why a batch, such as one scrape or one request, was refused as a whole.
const noRoom = "batches for which the disk has no room"

// refusals adds up what was turned away, by reason in plain words, most first.
func refusals(l look) []web.Refusal {
	sums := map[string]float64{}
	for _, name := range []string{
		"burnline_ingest_refused_samples_total", "burnline_remote_rejected_samples_total",
		"burnline_collector_refused_requests_total", "burnline_collector_rejected_points_total",
	} {
		for reason, n := range l.by(name, "reason") {
			if name == "burnline_collector_rejected_points_total" && reason == "store" {
				continue // the store counts these by their own reasons
			}
			sums[plainReason(reason)] += n
		}
	}
	roomless := l.sum("burnline_ingest_roomless_batches_total")
	sums[noRoom] += roomless
	sums["batches that the metric store could not write"] += l.sum("burnline_ingest_failed_batches_total") - roomless
	var all []web.Refusal
	for reason, n := range sums {
		if n > 0 {
			all = append(all, web.Refusal{Reason: reason, Count: n})
		}
	}
	slices.SortFunc(all, func(a, b web.Refusal) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Reason, b.Reason))
	})
	return all
}

// plainReason says what a metric's reason means; one that it does not know stays
// as it is.
func plainReason(reason string) string {
	words := map[string]string{
		"future":            "more than 10 minutes in the future",
		"too_old":           "older than the store takes",
		"out_of_bounds":     "older than the store takes",
		"out_of_order":      "out of order",
		"duplicate":         "another value is stored for the same series and time",
		"series_limit":      "series limit reached",
		"invalid_labels":    "invalid labels",
		"invalid_histogram": "invalid histogram",
		"invalid":           "invalid labels or histogram",
		"histogram":         "histogram that the metric backend does not keep",
		"limit":             "a limit of the metric backend",
		"refused":           "the metric backend refused it",
		"translation":       "no Prometheus form",
		"malformed":         "not OTLP",
		"media_type":        "wrong content type",
		"method":            "not sent by POST",
		"path":              "sent to an address that takes no OTLP",
		"too_large":         "request too large",
		"unauthorized":      "not allowed",
		"unavailable":       "store could not take it",
		"gone":              "its sender hung up before it was answered",
		"other":             "other reasons",
	}
	return cmp.Or(words[reason], reason)
}

// listedFiles are the SLO files of a set, which stay the same as long as it is in force.
type listedFiles struct {
	of    *settings
	files []web.SLOFile
}

// filesOf lists the SLO files of the set in force, which every page asks for. The list has no room
// to be appended to.
func (p *parts) filesOf(set *settings) []web.SLOFile {
	if l := p.listed.Load(); l != nil && l.of == set {
		return l.files
	}
	all := slices.Clip(files(set.Definitions, set.Findings))
	p.listed.Store(&listedFiles{set, all})
	return all
}

// files lists the SLO files with what they gave and what is wrong with them.
func files(definitions []slo.Definition, findings slo.Findings) []web.SLOFile {
	byName := map[string]*web.SLOFile{}
	at := func(name string) *web.SLOFile {
		if byName[name] == nil {
			byName[name] = &web.SLOFile{File: name}
		}
		return byName[name]
	}
	for _, d := range definitions {
		at(d.Source.File).SLOs++
	}
	for _, f := range findings {
		file := at(f.File)
		file.Findings = append(file.Findings, f)
	}
	var all []web.SLOFile
	for _, f := range byName {
		all = append(all, *f)
	}
	slices.SortFunc(all, func(a, b web.SLOFile) int { return cmp.Compare(a.File, b.File) })
	return all
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
