package app

import (
	"cmp"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	promconfig "github.com/prometheus/common/config"

	"burnline/alerting"
	"burnline/collector"
	"burnline/internal/alertconf"
	"burnline/rules/runner"
	"burnline/slo"
	"burnline/slo/impact"
	"burnline/slo/spec"
	"burnline/storage/metrics/remote"
)

// settings are everything that was read from files, checked and ready to be
// put in force as a whole.
type settings struct {
	// ConfigPath is the file that was read; "" for the defaults.
	ConfigPath string
	Config     Config
	// Set is what the SLO files hold.
	spec.Set
	// Findings are the warnings; errors never become settings.
	Findings slo.Findings
	// Pipeline is the user's own Collector YAML; nil stands for the built-in one.
	Pipeline []byte

	rules    runner.Set
	raises   []impact.Rule
	hashed   []string // see hashedAttributes
	taken    digest   // of the watched files, just before they were read
	alerting alerting.Config
	senders  map[alertconf.Target]alerting.Sender
	// builtFor is the address of the web page that senders were built with.
	builtFor string
}

// load reads the configuration and all files that it names. Everything that is
// wrong comes back at once as slo.Findings.
func load(o Options) (*settings, error) {
	if o.ConfigPath == "" && o.ConfigIfThere != "" && exists(o.ConfigIfThere) {
		o.ConfigPath = o.ConfigIfThere
	}
	config, findings, err := loadConfig(o.ConfigPath, o.Override)
	if err != nil {
		return nil, err
	}
	set := &settings{ConfigPath: o.ConfigPath, Config: config}
	set.taken = set.survey(o)
	read, more, err := spec.Load(config.SLOs)
	if err != nil && len(findings.Errors()) == 0 { // a path that is not there is a finding already
		return nil, err
	}
	set.Set, set.Findings = read, append(findings, more...)
	set.hashed = set.hashedAttributes()
	set.Findings = append(set.Findings, set.shortRetention()...)
	set.Findings = append(set.Findings, set.shownLate()...)
	set.Findings = append(set.Findings, set.advice()...)
	set.Findings = append(set.Findings, set.strangers()...)
	set.Findings = append(set.Findings, set.unreported()...)
	set.Findings = append(set.Findings, set.exposed()...)
	set.Findings = append(set.Findings, set.unpromised()...)
	if errs := set.Findings.Errors(); len(errs) > 0 {
		return nil, errs // alone, so that they aren't lost among warnings
	}
	set.raises, _ = config.Impact.rules() // what is wrong with them was found with the configuration
	// What is wrong with rule files was found with the configuration.
	if set.rules, more, err = readRules(config.Rules); err != nil {
		return nil, err
	}
	if errs := more.Errors(); len(errs) > 0 { // a file changed since
		return nil, errs
	}
	if config.Collector.Config != "" {
		if set.Pipeline, err = os.ReadFile(config.Collector.Config); err != nil {
			return nil, fmt.Errorf("read the collector's pipeline: %w", err)
		}
		set.Findings = append(set.Findings, set.unjudged()...)
	}
	return set, set.buildSenders(cmp.Or(o.external, config.Server.ExternalURL, config.Server.own()))
}

// advice is what a check says of definitions that can be loaded. None of it
// keeps the server from watching them: an SLO without a runbook is better than none.
func (s *settings) advice() slo.Findings {
	var findings slo.Findings
	for _, f := range slo.Lint(s.Definitions, s.Teams) {
		if f.Level != slo.LevelNote {
			f.Level = slo.LevelWarning
			findings = append(findings, f)
		}
	}
	return findings
}

// unjudged warns of SLOs on spans that a pipeline of the user's own never shows its spans to.
func (s *settings) unjudged() slo.Findings {
	i := slices.IndexFunc(s.Definitions, func(d slo.Definition) bool { return d.SLI.Spans != nil })
	if i < 0 || collector.Judges(s.Pipeline) {
		return nil
	}
	return slo.Findings{{
		Source: slo.Source{File: s.Config.Collector.Config}, Path: "service.pipelines", Level: slo.LevelWarning,
		Message: fmt.Sprintf("no pipeline of traces exports to burnline_slo, so no span of %s is ever counted", s.Definitions[i].ID),
		Instead: "put the connector burnline_slo right behind the receiver, as the built-in pipeline does",
	}}
}

// shortRetention warns of SLOs whose window is longer than samples are kept:
// what was counted stays, as the totals of days, but a new SLO knows only what samples
// tell.
func (s *settings) shortRetention() slo.Findings {
	var findings slo.Findings
	kept := s.Config.Metrics.Retention
	for _, d := range s.Definitions {
		if s.Config.Metrics.Remote == nil && d.Window.Longest() > kept {
			findings = append(findings, slo.Finding{
				Source: d.Source, Path: "spec.window", Level: slo.LevelWarning,
				Message: fmt.Sprintf("the window of %s is longer than samples are kept (%s), so its beginning is known only as far as Burnline counted it itself",
					d.Window, slo.FormatDuration(kept)),
				Instead: "raise metrics.retention",
			})
		}
	}
	return findings
}

// shownLate warns of policies whose short window is over before the metric backend has shown what happened in it: it has
// no events at most moments, and then neither pages nor proves a recovery.
func (s *settings) shownLate() slo.Findings {
	if s.Config.Metrics.Remote == nil {
		return nil
	}
	var findings slo.Findings
	shown := s.Config.Metrics.Remote.QueryOffset + 2*remote.PollInterval // the poll after the one that came too soon
	for _, d := range s.Definitions {
		for _, p := range d.Policies {
			if p.Short >= shown {
				continue
			}
			findings = append(findings, slo.Finding{
				Source: d.Source, Path: "spec.alerting.policies", Level: slo.LevelWarning,
				Message: fmt.Sprintf("a short window of %s has no events at most moments, because the metric backend is asked every %s for what is %s old",
					slo.FormatDuration(p.Short), slo.FormatDuration(remote.PollInterval), slo.FormatDuration(s.Config.Metrics.Remote.QueryOffset)),
				Instead: fmt.Sprintf("write short: %s or more, or a lower metrics.remote.query_offset", slo.FormatDuration(shown)),
			})
			break
		}
	}
	return findings
}

// buildSenders makes what is routed by and every sender, those of teams too. The address
// is where people reach the web page.
func (s *settings) buildSenders(externalURL string) error {
	if s.builtFor == externalURL {
		return nil // as they were when the configuration was read
	}
	s.builtFor = externalURL
	return s.buildSendersBy(alertconf.Options{Now: time.Now, ExternalURL: externalURL})
}

// buildSendersBy is buildSenders for a start and for a rehearsal.
func (s *settings) buildSendersBy(o alertconf.Options) error {
	o.Teams = s.teamReceivers()
	built, err := s.Config.Alerting.Build(o)
	if err != nil {
		return err
	}
	s.alerting, s.senders = built.Config, built.Senders
	s.alerting.ResolvedGrace = s.Config.Alerting.PagerDutyWebhook.ResolvedGrace
	s.alerting.Teams, s.alerting.DependsOn = s.teamRoutes(), slo.DependenciesOf(s.Definitions)
	s.alerting.Shadow = s.shadow()
	return s.alerting.Validate()
}

// watched are the configuration and everything that it names.
func (s *settings) watched(o Options) []string {
	paths := append(s.sloPaths(), s.Config.Rules...)
	paths = append(paths, s.Config.Alerting.Watched()...)
	for _, file := range []string{cmp.Or(s.ConfigPath, o.ConfigPath, o.ConfigIfThere), s.Config.Collector.Config} {
		if file != "" {
			paths = append(paths, file)
		}
	}
	return paths
}

// survey returns what the watched files hold now.
func (s *settings) survey(o Options) digest {
	found := survey(s.watched(o))
	return found.digest()
}

// sloPaths are the files and folders that SLOs are read from, the default
// folder among them while it does not exist.
func (s *settings) sloPaths() []string {
	paths := append([]string(nil), s.Config.SLOs...)
	if s.Config.MissingSLOs != "" {
		paths = append(paths, s.Config.MissingSLOs)
	}
	return paths
}

// override replaces what the command line says otherwise.
func (c *Config) override(o Override) {
	for _, v := range []struct {
		to   *string
		from string
	}{
		{&c.Server.Listen, o.Listen},
		{&c.Data, o.Data},
		{&c.Collector.OTLP.GRPC, o.OTLPGRPC},
		{&c.Collector.OTLP.HTTP, o.OTLPHTTP},
	} {
		if v.from != "" {
			*v.to = v.from
		}
	}
	c.Alerting.Shadow = c.Alerting.Shadow || o.Shadow
}

// remoteOptions returns how the remote metric backend is reached.
func (s *settings) remoteOptions(logger *slog.Logger, reg prometheus.Registerer) remote.Options {
	o := s.Config.Metrics.Remote.Options()
	o.Logger, o.Registerer = logger, reg
	return o
}

// Options returns how the backend is reached, without a logger and a registerer.
func (r *RemoteConfig) Options() remote.Options {
	var basic *promconfig.BasicAuth
	if r.BasicAuth != nil {
		basic = &promconfig.BasicAuth{Username: r.BasicAuth.Username, PasswordFile: r.BasicAuth.PasswordFile}
	}
	return remote.Options{
		BasicAuth: basic,
		WriteURL:  r.WriteURL, QueryURL: r.QueryURL, Headers: r.Headers,
		BearerTokenFile: r.BearerTokenFile, QueryOffset: r.QueryOffset,
		Now: time.Now,
	}
}
