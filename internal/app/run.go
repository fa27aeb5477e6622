package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/oklog/run"
)

// drainTimeout is how long HTTP requests under way may take to end.
const drainTimeout = 3 * time.Second

// run runs all long-lived parts until ctx ends or the first of them returns.
func (p *parts) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.ctx = ctx

	var group run.Group
	add := func(name string, f func(context.Context) error) {
		group.Add(func() error {
			if err := f(ctx); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		}, func(error) { cancel() })
	}
	group.Add(func() error { <-ctx.Done(); return nil }, func(error) { cancel() })
	add("collector", p.collector.Run)
	add("scraping", p.scrape.Run)
	if p.poller != nil {
		add("remote metrics", p.poller.Run)
		add("metric backend", p.backend.Run)
	}
	add("SLO engine", p.engine.Run)
	add("rules", p.rules.Run)
	add("corrections", p.book.Run)
	add("state", p.state.Run)
	add("routing", p.router.Run)
	add("alerts", p.router.RunAlerts)
	add("evidence", p.router.RunEvidence)
	add("impact", p.impact.Run)
	add("silences", p.silences.Run)
	add("delivery", p.deliverer.Run)
	add("heartbeat", p.heart.Run)
	add("changes", p.changes.Run)
	add("drills", p.whenReady(p.drills.Run))
	add("reports", p.reportWhenCounted)
	add("copy of the state", p.backups.runShipper)
	add("age of the copy of the state", p.backups.runBehind)
	add("backups", p.whenReady(p.backups.made.Run))
	add("restore drills", p.whenReady(p.backups.tried.Run))
	add("vitals", p.vitals.Run)
	add("memory", p.tendMemory)
	add("disk", p.watchDisk)
	add("catching up", p.catchUp)
	add("definitions", p.noteDefinitions)
	add("retention", p.forget)
	add("web server", p.serve)
	add("status page", p.board.Run)
	if p.statusListener != nil {
		add("status page apart", p.serveStatusPage)
	}
	add("file watch", p.watcher().Run)
	add("reload", p.reloads)
	add("first admin", p.letFirstAdminIn)
	add("start", p.announce)
	return group.Run()
}

// serve serves HTTP until ctx ends, then lets requests under way end.
func (p *parts) serve(ctx context.Context) error {
	server := newServer(p.handler, p.log("web server"))
	return serveUntil(ctx, server, func() error { return p.serveOn(server) }, func() { close(p.stopping) })
}

// serveUntil runs serve, which serves by the server, until ctx ends; then it calls stopping and lets requests
// under way end.
func serveUntil(ctx context.Context, server *http.Server, serve func() error, stopping func()) error {
	failed := make(chan error, 1)
	go func() { failed <- serve() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	stopping()
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err := server.Shutdown(drain)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	if ended := <-failed; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// reloads reloads whenever it is asked to by a signal.
func (p *parts) reloads(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-p.opts.Reloads:
			p.reloadAndLog(ctx, "signal SIGHUP")
		}
	}
}

// announce tells that everything serves, once the collector takes in.
func (p *parts) announce(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-p.collector.Ready():
	}
	close(p.ready)
	if p.opts.Ready != nil {
		p.opts.Ready(p.addresses())
	}
	<-ctx.Done()
	return nil
}

// How often it is looked whether all SLOs are counted, and how long what is in no hurry
// waits for that after a start.
const (
	countedEvery = 100 * time.Millisecond
	mostPatience = time.Minute
)

// catchUp tells, once, that every SLO is counted up to now.
func (p *parts) catchUp(ctx context.Context) error {
	tick := time.NewTicker(countedEvery)
	defer tick.Stop()
	for p.engine.Filling() {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
	close(p.counted)
	p.logger.Info("every SLO is counted", "slos", len(p.set.Load().Definitions), "after", time.Since(p.started).Round(time.Millisecond))
	<-ctx.Done()
	return nil
}

// noteDefinitions runs the historian, which leaves the processors of a start to those
// who count.
func (p *parts) noteDefinitions(ctx context.Context) error {
	timer := time.NewTimer(mostPatience)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return nil
	case <-p.counted:
	case <-timer.C:
	}
	return p.historian.Run(ctx)
}
