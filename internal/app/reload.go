package app

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"time"

	"burnline/slo"
)

// refusedReload is a reload that changed nothing because something was wrong.
type refusedReload struct {
	at       time.Time
	err      error
	findings slo.Findings
}

// reload reads all files again and puts them in force as a whole; on any error
// the old set stays, and the error is shown until a reload succeeds.
func (p *parts) reload(ctx context.Context) error {
	p.reloading.Lock()
	defer p.reloading.Unlock()
	opts := p.opts
	opts.external = p.externalURL()
	if path := p.set.Load().ConfigPath; path != "" {
		opts.ConfigPath = path // once read, a file that is gone is a mistake, not the defaults
	}
	next, err := load(opts)
	if err == nil {
		err = lost(p.set.Load().Config, next.Config)
	}
	if err == nil {
		err = p.apply(ctx, p.set.Load(), next)
	}
	if err != nil {
		refused := &refusedReload{at: time.Now(), err: err}
		_ = errors.As(err, &refused.findings)
		p.refused.Store(refused)
		return err
	}
	p.refused.Store(nil)
	return nil
}

// lost reports that the default SLO folder was there and is gone. It may be
// missing at the start; later that is a folder being replaced or deleted by
// mistake, and taking it for "no SLOs" would resolve every page that is open.
func lost(old, next Config) error {
	if next.MissingSLOs == "" || !slices.Contains(old.SLOs, next.MissingSLOs) {
		return nil
	}
	return slo.Findings{{
		Source: slo.Source{File: next.MissingSLOs}, Level: slo.LevelError,
		Message: "the SLO folder is gone", Instead: "put it back, or leave it empty if nothing is to be watched",
	}}
}

// apply puts the next settings in force. What can fail for reasons in the files
// was checked by load; the pipeline is checked by its own dry run and comes
// first, so that nothing is half-applied when it is bad.
func (p *parts) apply(ctx context.Context, old, next *settings) error {
	keys := next.Config.needsRestart(old.Config)
	if len(keys) > 0 {
		p.logger.Warn("changed keys need a restart; the old values stay in force", "keys", keys)
	}
	next.Config.fixed(old.Config)
	if !bytes.Equal(old.Pipeline, next.Pipeline) {
		if err := p.collector.Reload(ctx, next.Pipeline); err != nil {
			return fmt.Errorf("collector: %w", err)
		}
	}
	if !bytes.Equal(old.Config.ScrapeConfigs, next.Config.ScrapeConfigs) {
		if err := p.scrape.Reload(next.Config.ScrapeConfigs); err != nil {
			return fmt.Errorf("scrape_configs: %w", err)
		}
	}
	if err := p.rules.Update(next.rules); err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	if err := p.collector.SetDefinitions(next.Definitions); err != nil {
		return fmt.Errorf("take the SLOs over: %w", err)
	}
	// Before the SLOs, so that none is judged without its corrections.
	p.book.replace(next.Corrections)
	if err := p.engine.Update(p.withDrill(next.Definitions)); err != nil {
		p.book.replace(old.Corrections)
		err = errors.Join(err, p.collector.SetDefinitions(old.Definitions))
		return fmt.Errorf("take the SLOs over: %w", err)
	}
	p.senders.current.Store(&next.senders)
	p.set.Store(next)
	p.waiting.Store(&keys)
	p.book.tellAlso() // by the definitions in force now
	p.historian.wake()
	if err := p.router.Reload(ctx, next.alerting); err != nil {
		// The set is in force; only what a receiver refused earlier still waits.
		p.logger.Error("refused pages are not queued again; the next reload or start does it", "error", err)
	}
	return nil
}

// fixed keeps what only a restart can change.
func (c *Config) fixed(old Config) {
	c.Server, c.Data, c.DiskSize, c.Metrics, c.Traces, c.State = old.Server, old.Data, old.DiskSize, old.Metrics, old.Traces, old.State
	c.Collector.OTLP, c.Ingest, c.Backup.To = old.Collector.OTLP, old.Ingest, old.Backup.To
	rules := c.Impact.Severity
	c.Impact, c.StatusPage.Listen = old.Impact, old.StatusPage.Listen
	c.Impact.Severity = rules
}

// needsRestart names the keys that differ and that only a restart can change.
func (c Config) needsRestart(old Config) []string {
	var keys []string
	for _, k := range []struct {
		key       string
		now, then any
	}{
		{"server", c.Server, old.Server},
		{"data", c.Data, old.Data},
		{"metrics", c.Metrics, old.Metrics},
		{"traces", c.Traces, old.Traces},
		{"state", c.State, old.State},
		{"impact, but for severity", c.Impact.lasting(), old.Impact.lasting()},
		{"collector.otlp", c.Collector.OTLP, old.Collector.OTLP},
		{"status_page.listen", c.StatusPage.Listen, old.StatusPage.Listen},
		{"backup.to", c.Backup.To, old.Backup.To},
		{"ingest", c.Ingest, old.Ingest},
	} {
		if !reflect.DeepEqual(k.now, k.then) {
			keys = append(keys, k.key)
		}
	}
	return keys
}

// reloadAndLog reloads on behalf of nobody who could be answered.
func (p *parts) reloadAndLog(ctx context.Context, by string) {
	p.tellReload(ctx, by, p.reload(ctx))
}

// tellReload notes and logs what became of a reload.
func (p *parts) tellReload(ctx context.Context, by string, err error) {
	p.noteReload(ctx, by, err)
	if err != nil {
		p.logger.Error("reload refused, the old set stays in force", "error", err)
		return
	}
	p.logger.Info("reloaded", "slos", len(p.set.Load().Definitions))
}

// retry reloads again what was refused. It says so only where the outcome is another one.
func (p *parts) retry(ctx context.Context) {
	before := p.refused.Load()
	if before == nil {
		return
	}
	err := p.reload(ctx)
	if err != nil && err.Error() == before.err.Error() {
		return // it was told
	}
	p.tellReload(ctx, "retry", err)
}

// watcher watches the configuration and everything that it names.
func (p *parts) watcher() *watcher {
	return &watcher{
		paths:   p.watched,
		taken:   p.set.Load().taken,
		changed: func(ctx context.Context) { p.reloadAndLog(ctx, "file watch") },
		named:   p.namedBeside,
		retry:   p.retry,
		logger:  p.log("watch"),
	}
}

// watched are the paths of the set in force and, after a reload that was refused, those
// that the configuration names now: the mistake may be mended there.
func (p *parts) watched() []string {
	set := p.set.Load()
	paths := set.watched(p.opts)
	if p.refused.Load() == nil {
		return paths
	}
	if named, _, err := LoadConfig(set.ConfigPath); err == nil {
		paths = slices.Concat(paths, named.SLOs, named.Rules, named.Alerting.Watched())
	}
	return paths
}

// namedBeside are, after a reload that was refused, the files of secrets that the configuration names now: the one that
// is missing may come. While nothing is refused there are none.
func (p *parts) namedBeside() []string {
	if p.refused.Load() == nil {
		return nil
	}
	set := p.set.Load()
	config := cmp.Or(set.ConfigPath, p.opts.ConfigPath, p.opts.ConfigIfThere)
	if config == "" {
		return nil
	}
	var named needed
	paths := []string{config}
	if c, _, err := LoadConfig(config); err == nil {
		paths = append(paths, c.Alerting.Watched()...)
	}
	for _, path := range paths {
		_ = named.read(path) // that it can't be read was told
	}
	files, _ := named.lists()
	return files
}
