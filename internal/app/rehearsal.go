package app

import (
	"cmp"
	"errors"
	"path/filepath"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/internal/alertconf"
	"burnline/slo"
	"burnline/slo/spec"
)

// Rehearsal is a configuration with senders of which nothing leaves.
type Rehearsal struct {
	Config      alerting.Config
	Senders     map[alertconf.Target]alerting.Sender
	Definitions []slo.Definition
	ExternalURL string
	// Silences bound what one silence may do.
	Silences silences.Limits
}

// RehearsalSource says where the configuration of a rehearsal comes from.
type RehearsalSource struct {
	// Path is burnline.yaml or a file of Alertmanager's; "" takes Alerting.
	Path     string
	Alerting alertconf.Config
	// SLOs are files and folders of SLOs beside those of the configuration.
	SLOs []string
}

// Rehearse reads a configuration as a start does, and makes what a start makes of
// it, but for senders that reach somebody and the secrets in files. What is wrong comes back
// as findings; the error is for what can't be read.
func Rehearse(from RehearsalSource, o alertconf.Options) (Rehearsal, slo.Findings, error) {
	c := DefaultConfig()
	c.Alerting, c.SLOs = from.Alerting, nil
	var found slo.Findings
	var err error
	switch {
	case from.Path == "":
	case alertconf.IsFile(from.Path):
		c.Alerting.File, found, err = alertconf.ReadFile(from.Path)
	default:
		c, found, err = LoadConfig(from.Path)
	}
	if err != nil {
		return Rehearsal{}, nil, err
	}
	// What is said of single integrations may be said of secrets that are not here; what
	// is wrong with them beside that is found when they are made.
	if errs := alertconf.Routes(found).Errors(); len(errs) > 0 {
		return Rehearsal{}, errs, nil
	}
	for _, path := range from.SLOs {
		c.SLOs = append(c.SLOs, filepath.Clean(path))
	}
	s := settings{Config: c}
	set, more, err := spec.Load(c.SLOs)
	if err != nil {
		return Rehearsal{}, nil, err
	}
	if errs := more.Errors(); len(errs) > 0 {
		return Rehearsal{}, errs, nil
	}
	s.Set = set
	o.ExternalURL = cmp.Or(c.Server.ExternalURL, c.Server.own())
	err = s.buildSendersBy(o)
	if wrong := (slo.Findings)(nil); errors.As(err, &wrong) {
		// An integration without a secret may be one whose variable is not set.
		return Rehearsal{}, append(found.Errors(), wrong...), nil
	}
	if err != nil {
		return Rehearsal{}, nil, err
	}
	return Rehearsal{Config: s.alerting, Senders: s.senders, Definitions: set.Definitions, ExternalURL: o.ExternalURL, Silences: c.Alerting.Silences.Limits()}, nil, nil
}
