package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/slo"
	"burnline/slo/report"
	"burnline/slo/report/desk"
	"burnline/slo/spec"
	"burnline/web"
)

// buildReports makes what tells how promises were kept.
func (p *parts) buildReports(context.Context, *teardown) error {
	source, err := report.NewSource(report.SourceOptions{
		Store: p.state, Definitions: p.engine.Definitions, Held: p.engine.Held, Corrections: p.book.inForce, Worded: worded, Now: time.Now,
	})
	if err != nil {
		return err
	}
	p.days = source
	p.reports, err = desk.New(desk.Options{
		Source: source, Store: p.state, Facts: p.reportFacts, Plan: func() desk.Plan { return p.set.Load().Config.Reports.plan() },
		Tell: p.tellReport, Now: time.Now, Logger: p.log("reports"), Registerer: p.registry,
	})
	if err != nil {
		return fmt.Errorf("build the reports: %w", err)
	}
	return nil
}

// inForce returns all corrections.
func (b *book) inForce() []slo.Correction {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Concat(b.files, b.entered)
}

// worded reads a definition as it was worded once.
func worded(v slo.Version) (*slo.Definition, bool) {
	set, _ := spec.Parse(v.SLO, []byte(v.Text))
	if len(set.Definitions) != 1 {
		return nil, false
	}
	d := &set.Definitions[0]
	d.ID = v.SLO // one of several objectives is written alone
	return d, true
}

// reportFacts returns what reports of the time from from to to are made of beside the promises.
func (p *parts) reportFacts(ctx context.Context, from, to time.Time) (desk.Facts, error) {
	set := p.set.Load()
	f := desk.Facts{Teams: set.Teams, Statuses: p.engine.Statuses(), Currency: set.Config.Impact.Currency}
	w := witness{ledger: p.state, reviews: p.reviews, night: p.night(), zones: reviews.ZonesOf(set.Teams), log: p.log("reports")}
	var err error
	if f.Incidents, err = w.incidents(ctx, from, to); err != nil {
		return desk.Facts{}, err
	}
	if f.Services, err = p.services(ctx); err != nil && ctx.Err() == nil {
		p.log("reports").Warn("which services send metrics can't be read, so the report doesn't say", "error", err)
	}
	return f, nil
}

// servicesWithin is how new a sample is of a service that sends metrics.
const servicesWithin = 10 * time.Minute

// services names those that sent metrics a moment ago, by job and service name.
func (p *parts) services(ctx context.Context) ([]string, error) {
	now := time.Now()
	names := []string{}
	var errs []error
	for _, metric := range []string{"target_info", "up"} {
		errs = append(errs, p.metrics.Select(ctx, slo.Selector{Name: metric}, now.Add(-servicesWithin).UnixMilli(), now.UnixMilli(), func(run slo.SeriesSamples) error {
			labels := run.Series.Labels()
			name := labels.Get("service_name")
			if job := labels.Get("job"); name == "" {
				name = job[strings.LastIndexByte(job, '/')+1:] // OTLP writes namespace/name
			}
			if name != "" && name != "burnline" && !slices.Contains(names, name) {
				names = append(names, name)
			}
			return nil
		}))
	}
	return names, errors.Join(errs...)
}

// mostAttached is how large a report may be that is sent with a message, in bytes.
const mostAttached = 1 << 20

// tellReport writes the rows by which a receiver gets a report, once. In shadow mode nobody does.
func (p *parts) tellReport(ctx context.Context, name, receiver string, r report.Report) error {
	if p.shadow().Covers(r.Team) {
		return nil
	}
	targets := p.reportTargets(receiver)
	if len(targets) == 0 {
		return fmt.Errorf("the receiver %q has neither mails nor webhooks", receiver)
	}
	m, err := p.reportMessage(&r)
	if err != nil {
		return err
	}
	told, err := p.state.TellReport(ctx, name, targets, m, time.Now())
	if told {
		p.deliverer.Wake()
	}
	return err
}

// reportTargets are the integrations of a receiver that take reports.
func (p *parts) reportTargets(receiver string) (targets []alerting.Target) {
	for _, r := range p.set.Load().alerting.Receivers {
		for _, in := range r.Integrations {
			sender, _ := p.senders.lookup(r.Name, in.Name)
			if taker, takes := sender.(interface{ TakesReports() bool }); r.Name == receiver && takes && taker.TakesReports() {
				targets = append(targets, alerting.Target{Receiver: r.Name, Integration: in.Name})
			}
		}
	}
	return targets
}

// reportMessage is what there is to tell of a report.
func (p *parts) reportMessage(r *report.Report) (alerting.Message, error) {
	html, err := web.ReportHTML(r, p.externalURL())
	if err != nil {
		return alerting.Message{}, err
	}
	body, err := json.Marshal(r)
	if err != nil {
		return alerting.Message{}, fmt.Errorf("write the report as JSON: %w", err)
	}
	if len(body) > mostAttached {
		body = nil
	}
	link := func(text, form string) alerting.Link {
		return alerting.Link{Text: text, Href: web.ReportHref(r, p.externalURL(), form)}
	}
	m := alerting.Message{
		Summary: "Reliability report: " + r.Title(), Severity: slo.Ticket, Source: "burnline", Component: "report", Class: alerting.ClassReport, Time: r.Period.From,
		Links:  []alerting.Link{link("Report", ""), link("PDF", "pdf"), link("CSV", "csv")},
		Labels: slo.NewLabels("team", r.Team), Report: &alerting.Report{HTML: string(html), JSON: body},
	}
	for i, s := range r.Sentences {
		m.Details = append(m.Details, alerting.Detail{Name: []string{"better or worse", "why", "to decide"}[min(i, 2)], Value: s})
	}
	return m, nil
}

// reportWhenCounted closes and sends reports once every SLO is counted up to now.
func (p *parts) reportWhenCounted(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-p.counted:
	}
	return p.reports.Run(ctx)
}
