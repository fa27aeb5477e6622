package app

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	"burnline/alerting/shadow"
	"burnline/alerting/slack"
	"burnline/slo"
	"burnline/web"
	"burnline/web/amapi"
	"burnline/web/promapi"
	"burnline/web/tempo"
)

// buildWeb mounts the UI, the APIs and the process' own metrics.
func (p *parts) buildWeb(context.Context, *teardown) error {
	prometheusAPI, err := promapi.New(p.prometheusOptions())
	if err != nil {
		return err
	}
	alertmanagerAPI, err := amapi.New(p.alertmanagerOptions())
	if err != nil {
		return err
	}
	pagerDuty, err := pagerduty.NewWebhooks(pagerduty.WebhookOptions{
		Secrets:  func() ([]string, error) { return p.set.Load().Config.Alerting.PagerDutyWebhook.Secrets() },
		Attender: p.router,
	})
	if err != nil {
		return err
	}
	buttons, err := slack.NewInteractions(slack.InteractionOptions{
		Secrets: func() []string { return p.set.Load().Config.Alerting.SlackSecrets() }, Acknowledger: p.router, Now: time.Now,
	})
	if err != nil {
		return err
	}
	desk, err := shadow.New(shadow.Options{
		Store: p.state, Ledger: p.state, Definitions: p.engine.Definitions, Mode: p.shadow, Now: time.Now,
	})
	if err != nil {
		return err
	}
	tempoAPI, err := tempo.New(tempo.Options{Traces: p.traces, Version: Version(), Logger: p.log("Tempo API")})
	if err != nil {
		return err
	}
	access, err := p.webAccess()
	if err != nil {
		return err
	}
	p.vitals = &vitals{gatherer: p.registry, now: time.Now, logger: p.log("vitals")}
	p.handler, err = web.New(web.Options{
		Engine: p.engine, Ledger: p.state, Alerts: p.state, System: p, Corrections: p.book, Silences: p.silences, Maintenance: p.maintenance, SilenceLimits: p.silenceLimits, Changes: p.changes, Shadow: desk,
		Versions: p.state, Teams: p, Explain: p.explainer.Where, WhatIf: newWhatIf(p).compare, Heat: heater{p.metrics}.heat, Evidence: p.router.Evidence,
		Reviews: p.reviews, Night: p.night,
		StatusPage: p.board.Handler(false), StatusPosts: p.posts,
		Traces: p.traces, Tempo: tempoAPI, ForgetCustomer: p.ForgetCustomer,
		Acknowledge: p.router.Acknowledge, PagerDuty: pagerDuty, Slack: buttons,
		Prometheus: prometheusAPI, Alertmanager: alertmanagerAPI, Metrics: metricsHandler(p.registry),
		Reports: p.reports,
		Ready:   p.isReady, Started: p.hasStarted, Reload: p.reloadFor, Drills: p.drills, Backups: p.backups, Doctor: newDoctor(p).look,
		Limits: p.set.Load().Config.Server.Limits.limits(), Registerer: p.registry,
		Access: access, ExternalURL: p.externalURL(), Stopping: p.stopping, Logger: p.log("web"),
	})
	if err != nil {
		return fmt.Errorf("build the web page: %w", err)
	}
	return nil
}

// prometheusOptions says what stands behind /prometheus/api/v1.
func (p *parts) prometheusOptions() promapi.Options {
	o := promapi.Options{
		Store: p.metrics, Version: Version(), OTLP: p.collector.OTLP(),
		Logger: p.log("prometheus API"), Registerer: p.registry, Gatherer: p.registry,
		SLORules: p.sloRules, Rules: p.rules.Groups,
	}
	q := p.set.Load().Config.Server.Limits.Queries
	o.MaxQueries, o.QueryTimeout, o.MaxSeries = q.AtOnce, q.Timeout, q.Series
	if u, err := url.Parse(p.externalURL()); err == nil {
		o.ExternalURL = u
	}
	if p.local != nil {
		o.Local = p.local
		return o
	}
	o.Transport = p.remote.Transport()
	if u, err := url.Parse(p.remote.QueryURL()); err == nil {
		o.Backend = u
	}
	return o
}

// alertmanagerOptions says what stands behind /alertmanager/api/v2.
func (p *parts) alertmanagerOptions() amapi.Options {
	return amapi.Options{
		Router: p.router, Reader: p.state, Silences: p.silences, Config: func() *alerting.Config { return &p.set.Load().alerting },
		Version: Version(), Started: p.started, Now: time.Now, Logger: p.log("Alertmanager API"), Registerer: p.registry,
	}
}

// Teams implements web.Teams.
func (p *parts) Teams() []slo.Team { return p.set.Load().Teams }

// isReady says what is not ready yet, why samples are refused (a full disk, or a metric backend that has not answered yet), or how the state fares where all is.
func (p *parts) isReady() (note string, _ error) {
	if err := p.hasStarted(); err != nil {
		return "", err
	}
	return p.keeping().Reason, errors.Join(p.full(), p.backend.trouble())
}

// hasStarted says what has not started yet; nil once it counts and pages, however full the disk is.
func (p *parts) hasStarted() error {
	select {
	case <-p.ready:
		return nil
	default:
		return errors.New("the collector is starting")
	}
}

// reloadFor reloads on behalf of an HTTP client, which is told what is wrong.
func (p *parts) reloadFor() error { return p.reload(p.ctx) }
