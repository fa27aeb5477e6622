package alertconf

import (
	"time"

	"github.com/prometheus/alertmanager/timeinterval"

	"burnline/alerting/email"
	"burnline/alerting/msteams"
	"burnline/alerting/opsgenie"
	"burnline/alerting/pagerduty"
	"burnline/alerting/slack"
	"burnline/alerting/webhook"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

// Config is the part of burnline.yaml under alerting: the keys of an Alertmanager file, or
// the path of one.
type Config struct {
	// Path is a file of Alertmanager's that holds everything; "" is none.
	Path string `yaml:"config"`
	// Shadow is shadow mode: everything is decided and shown, and nothing is sent.
	Shadow bool `yaml:"shadow"`
	// Live are the teams that are told for real while the others are in shadow mode.
	Live []string `yaml:"live"`
	// PagerDutyWebhook lets PagerDuty tell what people did about incidents.
	PagerDutyWebhook PagerDutyWebhook `yaml:"pagerduty_webhook"`
	// Heartbeat is what somebody else misses when Burnline can't tell anybody.
	Heartbeat Heartbeat `yaml:"heartbeat"`
	// Drill says when the server drills by itself.
	Drill Drill `yaml:"drill"`
	// Silences bound what one silence may do.
	Silences Silences `yaml:"silences"`
	File     `yaml:",inline"`
}

// File is what an Alertmanager file holds.
type File struct {
	Global       Global        `yaml:"global"`
	Templates    []string      `yaml:"templates"`
	Route        Route         `yaml:"route"`
	Receivers    []Receiver    `yaml:"receivers"`
	InhibitRules []InhibitRule `yaml:"inhibit_rules"`
	// TimeIntervals and MuteTimeIntervals, their older name, are one list.
	TimeIntervals     []Interval `yaml:"time_intervals"`
	MuteTimeIntervals []Interval `yaml:"mute_time_intervals"`

	_ yamlconf.NotYet `keys:"tracing event_recorder" level:"warning" instead:"remove it; Burnline keeps a ledger of every alert"`
	_ yamlconf.YAML11
}

// Receiver is a named list of integrations, all of which are told.
type Receiver struct {
	Name string `yaml:"name"`
	// Fallback is the receiver that is told as well when an integration of this one
	// can't be reached; "" is none. It is Burnline's own key.
	Fallback string `yaml:"fallback"`

	PagerDuty []pagerduty.Config `yaml:"pagerduty_configs"`
	Webhook   []webhook.Config   `yaml:"webhook_configs"`
	Slack     []slack.Config     `yaml:"slack_configs"`
	Email     []email.Config     `yaml:"email_configs"`
	Opsgenie  []opsgenie.Config  `yaml:"opsgenie_configs"`
	// Teams are workflows, TeamsLegacy the connectors of before.
	Teams       []msteams.Config       `yaml:"msteamsv2_configs"`
	TeamsLegacy []msteams.LegacyConfig `yaml:"msteams_configs"`

	// Source is where the receiver was read.
	Source slo.Source `yaml:"-"`

	_ yamlconf.NotYet `keys:"discord_configs incidentio_configs wechat_configs pushover_configs victorops_configs sns_configs telegram_configs webex_configs jira_configs rocketchat_configs mattermost_configs" instead:"tell it through webhook_configs and a small bridge, or name another receiver"`
	_ yamlconf.NotYet `keys:"labels" level:"warning" instead:"remove it; receivers are known by their names"`
}

// Route is a node of the routing tree. What a child does not say it inherits, but for its
// intervals.
type Route struct {
	Receiver string `yaml:"receiver"`
	// GroupBy is nil where it is not written; an empty list makes one group of all.
	GroupBy []string `yaml:"group_by"`
	// GroupWait is taken and has no effect: the first alert of a group goes at once.
	GroupWait      *time.Duration `yaml:"group_wait"`
	GroupInterval  *time.Duration `yaml:"group_interval"`
	RepeatInterval *time.Duration `yaml:"repeat_interval"`
	// Match and MatchRE are the older form of Matchers; a value that is not written is nil.
	Match    map[string]string  `yaml:"match"`
	MatchRE  map[string]*string `yaml:"match_re"`
	Matchers []string           `yaml:"matchers"`

	MuteTimeIntervals   []string `yaml:"mute_time_intervals"`
	ActiveTimeIntervals []string `yaml:"active_time_intervals"`
	Continue            bool     `yaml:"continue"`
	// Escalate are further receivers of what stays open for long; nil is those of the
	// parent. It is Burnline's own key.
	Escalate []Escalation `yaml:"escalate"`
	Routes   []Route      `yaml:"routes"`

	// Source is where the route was read.
	Source slo.Source `yaml:"-"`

	_ yamlconf.NotYet `keys:"labels" level:"warning" instead:"remove it; templates see the labels and annotations of the alerts"`
}

// Escalation is a further receiver of what has not closed for a time.
type Escalation struct {
	After    time.Duration `yaml:"after"`
	Receiver string        `yaml:"receiver"`
}

// InhibitRule keeps alerts that match the target quiet while one that matches the source
// fires.
type InhibitRule struct {
	Name           string             `yaml:"name"`
	SourceMatch    map[string]string  `yaml:"source_match"`
	SourceMatchRE  map[string]*string `yaml:"source_match_re"`
	SourceMatchers []string           `yaml:"source_matchers"`
	TargetMatch    map[string]string  `yaml:"target_match"`
	TargetMatchRE  map[string]*string `yaml:"target_match_re"`
	TargetMatchers []string           `yaml:"target_matchers"`
	// Equal are labels whose values both alerts must share.
	Equal []string `yaml:"equal"`

	// Source is where the rule was read.
	Source slo.Source `yaml:"-"`
}

// Interval is a named list of times.
type Interval struct {
	Name  string                      `yaml:"name"`
	Times []timeinterval.TimeInterval `yaml:"time_intervals"`
}
