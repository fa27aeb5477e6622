package amapi

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"time"

	"github.com/go-openapi/strfmt"
	"github.com/prometheus/alertmanager/api/v2/models"
	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/alertmanager/timeinterval"
	"gopkg.in/yaml.v3"

	"burnline/alerting"
	"burnline/slo"
)

// status answers as an Alertmanager that is no member of a cluster: nodes of Burnline share
// their state in the database.
func (h *handler) status(*http.Request) (any, error) {
	config, err := configYAML(h.o.Config())
	if err != nil {
		return nil, err
	}
	started, disabled, unknown, version := strfmt.DateTime(h.o.Started), models.ClusterStatusStatusDisabled, "", runtime.Version()
	return &models.AlertmanagerStatus{
		Uptime:      &started,
		VersionInfo: &models.VersionInfo{Version: &h.o.Version, Revision: &unknown, Branch: &unknown, BuildUser: &unknown, BuildDate: &unknown, GoVersion: &version},
		Config:      &models.AlertmanagerConfig{Original: &config},
		Cluster:     &models.ClusterStatus{Status: &disabled, Peers: []*models.PeerStatus{}},
	}, nil
}

// receivers lists the receivers by name.
func (h *handler) receivers(r *http.Request) (any, error) {
	asked, err := receiverOf(url.Values{"receiver_matchers": r.URL.Query()["receiver_matchers"]})
	if err != nil {
		return nil, err
	}
	out := []*models.Receiver{}
	all := h.o.Config().Receivers
	for i := range all {
		if asked == nil || asked(all[i].Name) {
			out = append(out, &models.Receiver{Name: &all[i].Name})
		}
	}
	return out, nil
}

// file is a configuration as Alertmanager writes one. Receivers are their names alone: how
// they are reached is full of secrets.
type file struct {
	Route        *route     `yaml:"route"`
	Receivers    []named    `yaml:"receivers"`
	InhibitRules []inhibit  `yaml:"inhibit_rules,omitempty"`
	Intervals    []interval `yaml:"time_intervals,omitempty"`
}

type named struct {
	Name string `yaml:"name"`
}

type route struct {
	Receiver       string   `yaml:"receiver,omitempty"`
	GroupBy        []string `yaml:"group_by,omitempty,flow"`
	Matchers       []string `yaml:"matchers,omitempty"`
	Continue       bool     `yaml:"continue,omitempty"`
	GroupInterval  string   `yaml:"group_interval,omitempty"`
	RepeatInterval string   `yaml:"repeat_interval,omitempty"`
	Mute           []string `yaml:"mute_time_intervals,omitempty"`
	Active         []string `yaml:"active_time_intervals,omitempty"`
	Routes         []*route `yaml:"routes,omitempty"`
}

type inhibit struct {
	Source []string `yaml:"source_matchers,omitempty"`
	Target []string `yaml:"target_matchers,omitempty"`
	Equal  []string `yaml:"equal,omitempty,flow"`
}

type interval struct {
	Name  string                      `yaml:"name"`
	Times []timeinterval.TimeInterval `yaml:"time_intervals"`
}

// configYAML writes the configuration in force, with what routes inherit filled in.
func configYAML(c *alerting.Config) (string, error) {
	f := file{Route: routeOf(&c.Route), Receivers: []named{}}
	for _, r := range c.Receivers {
		f.Receivers = append(f.Receivers, named{r.Name})
	}
	if f.Route.Receiver == "" && len(c.Receivers) > 0 {
		f.Route.Receiver = c.Receivers[0].Name
	}
	for _, rule := range c.Inhibit {
		f.InhibitRules = append(f.InhibitRules, inhibit{texts(rule.Source), texts(rule.Target), rule.Equal})
	}
	for _, name := range slices.Sorted(maps.Keys(c.Intervals)) {
		f.Intervals = append(f.Intervals, interval{name, c.Intervals[name]})
	}
	out, err := yaml.Marshal(f)
	if err != nil {
		return "", fmt.Errorf("write the configuration: %w", err)
	}
	return string(out), nil
}

func routeOf(r *alerting.Route) *route {
	out := &route{
		Receiver: r.Receiver, GroupBy: r.GroupBy.Labels, Matchers: texts(r.Matchers), Continue: r.Continue, Mute: r.Mute, Active: r.Active,
		GroupInterval: length(r.GroupInterval), RepeatInterval: length(r.RepeatInterval),
	}
	if r.GroupBy.Alone() {
		out.GroupBy = []string{"..."}
	}
	for i := range r.Routes {
		out.Routes = append(out.Routes, routeOf(&r.Routes[i]))
	}
	return out
}

func length(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return slo.FormatDuration(d)
}

func texts(ms labels.Matchers) []string {
	var all []string
	for _, m := range ms {
		all = append(all, m.String())
	}
	return all
}
