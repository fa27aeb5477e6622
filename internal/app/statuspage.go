package app

import (
	"context"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"

	"burnline/alerting/statuspage"
	"burnline/internal/portowner"
	"burnline/slo"
	"burnline/slo/report"
	statusweb "burnline/web/statuspage"
)

// openStatusPage listens where the status page is served apart.
func (p *parts) openStatusPage(ctx context.Context, down *teardown) error {
	addr := p.set.Load().Config.StatusPage.Listen
	if addr == "" {
		return nil
	}
	l, err := portowner.Listen(ctx, addr, "the status page", "choose another address with status_page.listen")
	if err != nil {
		return err
	}
	c := p.set.Load().Config.Server.Limits
	p.statusListener = newListener(l, c.Connections, c.ConnectionsEach, p.refusedConnections)
	down.add("listener of the status page", func() error { _ = l.Close(); return nil }) // its server closed it already
	return nil
}

// buildStatusPage makes what customers read, and what takes posts for it.
func (p *parts) buildStatusPage(context.Context, *teardown) (err error) {
	if p.posts, err = statuspage.NewPosts(statuspage.PostsOptions{
		Store: p.state, Config: p.statusPage, Now: time.Now, NewID: uuid.NewString, Logger: p.log("status page"),
	}); err != nil {
		return err
	}
	p.board, err = statusweb.New(statusweb.Options{
		Config: p.statusPage, URL: p.statusURL, Definitions: p.promised, Statuses: p.engine.Statuses,
		Incidents: p.hurting, Maintenances: p.state.Maintenances, Posts: p.state.StatusPosts, Records: p.records,
		Now: time.Now, Logger: p.log("status page"), Registerer: p.registry,
	})
	return err
}

// statusPage is the page of the configuration in force.
func (p *parts) statusPage() statuspage.Config { return p.set.Load().Config.StatusPage.page() }

// statusURL is where customers open the page: as configured, else where it is served.
func (p *parts) statusURL() string {
	switch c := p.set.Load().Config.StatusPage; {
	case c.URL != "":
		return c.URL
	case p.statusListener != nil:
		return "http://" + p.statusListener.Addr().String() + "/status"
	}
	return strings.TrimRight(p.externalURL(), "/") + "/status"
}

// promised are the SLOs of files, without that of a drill.
func (p *parts) promised() []*slo.Definition {
	set := p.set.Load()
	all := make([]*slo.Definition, len(set.Definitions))
	for i := range set.Definitions {
		all[i] = &set.Definitions[i]
	}
	return all
}

// hurting are the incidents that are open or closed after a moment.
func (p *parts) hurting(ctx context.Context, since time.Time) ([]slo.Incident, error) {
	told, err := p.state.Told(ctx, since)
	all := make([]slo.Incident, len(told))
	for i := range told {
		all[i] = told[i].Incident
	}
	return all, err
}

// records read how SLOs were kept.
func (p *parts) records(ctx context.Context, ids []string, from, to time.Time) (map[string]*report.Record, error) {
	catalog, err := p.days.Catalog(ctx)
	if err != nil {
		return nil, err
	}
	wanted := map[string]bool{}
	for _, id := range ids {
		wanted[id] = true
	}
	all := map[string]*report.Record{}
	for i := range catalog.SLOs {
		one := &catalog.SLOs[i]
		if !wanted[one.Definition.ID] || !one.Removed.IsZero() {
			continue
		}
		promise, err := p.days.Promise(ctx, &catalog, one, from, to)
		if err != nil {
			return nil, err
		}
		all[one.Definition.ID] = report.Read(&promise)
	}
	return all, nil
}

// serveStatusPage serves the status page apart until ctx ends.
func (p *parts) serveStatusPage(ctx context.Context) error {
	server := &http.Server{
		Handler:           p.board.Handler(true),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       5 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       15 * time.Second,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	return serveUntil(ctx, server, func() error { return server.Serve(p.statusListener) }, func() {})
}

// statusGreeting is where the status page stands; "" where there is none.
func (p *parts) statusGreeting() string {
	if len(p.set.Load().Config.StatusPage.Journeys) == 0 {
		return ""
	}
	return p.statusURL()
}
