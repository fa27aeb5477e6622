package alertconf

import (
	"cmp"
	"path/filepath"
	"slices"
	"time"

	"github.com/prometheus/alertmanager/timeinterval"

	"burnline/alerting"
	"burnline/alerting/render"
	"burnline/slo"
)

// Target is one integration of one receiver.
type Target struct{ Receiver, Integration string }

// Built is a configuration ready to be put in force.
type Built struct {
	Config  alerting.Config
	Senders map[Target]alerting.Sender
}

// Options are what Build needs beside the file.
type Options struct {
	// Now is the clock of the senders.
	Now func() time.Time
	// ExternalURL is where people reach the web page.
	ExternalURL string
	// Teams are receivers of teams, beside those of the file.
	Teams []Receiver
	// Rehearsal makes senders of which nothing leaves; nil makes real ones.
	Rehearsal *Rehearsal
}

// Build makes what package alerting routes by, and the senders. Its error is slo.Findings:
// what is wrong with receivers, each at its place.
func (f *File) Build(o Options) (Built, error) {
	for i := range o.Teams {
		o.Teams[i].prepare(f.Global, "")
	}
	b := Built{Config: f.Routing(o.Teams), Senders: map[Target]alerting.Sender{}}
	so, findings := f.senderOptions(o)
	if len(findings) > 0 {
		return Built{}, findings
	}
	for _, r := range slices.Concat(f.Receivers, o.Teams) {
		findings = append(findings, b.receiver(r, so)...)
	}
	if len(findings) > 0 {
		return Built{}, findings
	}
	return b, nil
}

// senderOptions reads the templates. What is wrong with them are findings at their lines.
func (f *File) senderOptions(o Options) (senderOptions, slo.Findings) {
	templates, findings := render.Load(render.Options{Globs: f.Templates, ExternalURL: o.ExternalURL, Now: o.Now})
	return senderOptions{now: o.Now, externalURL: o.ExternalURL, templates: templates, rehearsal: o.Rehearsal}, findings
}

// Routing makes what package alerting routes by, without senders, which need their secrets.
// teams are receivers of teams beside those of the file.
func (f *File) Routing(teams []Receiver) alerting.Config {
	c := alerting.Config{Route: f.routes(), Intervals: map[string][]timeinterval.TimeInterval{}, ResolveTimeout: f.Global.ResolveTimeout}
	for _, r := range slices.Concat(f.Receivers, teams) {
		receiver := alerting.ReceiverConfig{Name: r.Name, Fallback: r.Fallback}
		for _, k := range kinds() {
			receiver.Integrations = append(receiver.Integrations, k.names(&r)...)
		}
		c.Receivers = append(c.Receivers, receiver)
	}
	var quiet check // what is wrong with matchers is known since they were read
	for _, r := range f.InhibitRules {
		c.Inhibit = append(c.Inhibit, alerting.InhibitRule{
			Source: r.source().read(&quiet, ""), Target: r.target().read(&quiet, ""), Equal: r.Equal, From: r.Source,
		})
	}
	for _, interval := range slices.Concat(f.MuteTimeIntervals, f.TimeIntervals) {
		c.Intervals[interval.Name] = interval.Times
	}
	return c
}

// receiver adds the senders of one receiver.
func (b *Built) receiver(r Receiver, o senderOptions) slo.Findings {
	var findings slo.Findings
	for _, k := range kinds() {
		names := k.names(&r)
		for i, in := range k.build(&r, o) {
			for _, err := range each(in.err) {
				findings = append(findings, slo.Finding{Source: r.Source, Level: slo.LevelError, Message: "receiver " + r.Name + ": " + err.Error()})
			}
			b.Senders[Target{r.Name, names[i].Name}] = in.sender
		}
	}
	return findings
}

// routes returns the tree with what it inherits filled in.
func (f *File) routes() alerting.Route {
	root := alerting.Route{GroupBy: alerting.Grouping{Each: true}, GroupInterval: defaultGroupInterval, RepeatInterval: defaultRepeatInterval}
	if len(f.Receivers) == 1 {
		root.Receiver = f.Receivers[0].Name
	}
	return f.Route.under(root)
}

// under returns the route below a parent.
func (r *Route) under(parent alerting.Route) alerting.Route {
	var quiet check
	node := alerting.Route{
		Receiver: cmp.Or(r.Receiver, parent.Receiver), Matchers: r.matching().read(&quiet, ""), Continue: r.Continue,
		GroupBy: parent.GroupBy, GroupInterval: parent.GroupInterval, RepeatInterval: parent.RepeatInterval,
		Mute: r.MuteTimeIntervals, Active: r.ActiveTimeIntervals, Escalate: parent.Escalate, Source: r.Source,
	}
	if r.Escalate != nil {
		node.Escalate = nil
		for _, e := range r.Escalate {
			node.Escalate = append(node.Escalate, alerting.Escalation(e))
		}
	}
	switch {
	case slices.Equal(r.GroupBy, []string{everything}):
		node.GroupBy = alerting.Grouping{Each: true}
	case r.GroupBy != nil:
		node.GroupBy = alerting.Grouping{Labels: r.GroupBy}
	}
	if r.GroupInterval != nil {
		node.GroupInterval = *r.GroupInterval
	}
	if r.RepeatInterval != nil {
		node.RepeatInterval = *r.RepeatInterval
	}
	for i := range r.Routes {
		node.Routes = append(node.Routes, r.Routes[i].under(node))
	}
	return node
}

// Watched are the files that hold the configuration beside burnline.yaml.
func (c *Config) Watched() []string {
	var paths []string
	if c.Path != "" {
		paths = append(paths, c.Path)
	}
	for _, pattern := range c.Templates {
		found, _ := filepath.Glob(pattern) // a bad pattern is a finding
		paths = append(paths, found...)
	}
	return paths
}
