package app

import (
	"reflect"

	"burnline/alerting"
	"burnline/internal/alertconf"
	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec"
)

// Routing reads who is told of incidents: from burnline.yaml with the teams of its SLO
// files, or from a file of Alertmanager's own. It makes no senders, so that it works where
// their secrets are not; findings about them are left out.
func Routing(path string) (alerting.Config, slo.Findings, error) {
	if path != "" && alertconf.IsFile(path) {
		f, findings, err := alertconf.ReadFile(path)
		return f.Routing(nil), alertconf.Routes(findings), err
	}
	c, findings, err := LoadConfig(path)
	if err != nil {
		return alerting.Config{}, nil, err
	}
	findings = alertconf.Routes(findings)
	read, _, err := spec.Load(c.SLOs) // what is wrong with SLOs is not asked for
	if err != nil && len(findings.Errors()) == 0 {
		return alerting.Config{}, nil, err
	}
	s := settings{Config: c, Set: read}
	routing := c.Alerting.Routing(s.teamReceivers())
	routing.Teams = s.teamRoutes()
	return routing, findings, nil
}

// IsConfig reports whether a file looks like burnline.yaml: it has one of its keys at the
// top, and is of no kind of SLO file. What can't be read does not.
func IsConfig(path string) bool {
	data, err := yamlconf.ReadFile(path)
	if err != nil {
		return false
	}
	docs, _ := yamlconf.Parse(data, yamlconf.Options{})
	if len(docs) == 0 || docs[0].Has("apiVersion") || docs[0].Has("kind") || docs[0].Has("version") {
		return false
	}
	for field := range reflect.TypeFor[Config]().Fields() {
		if key := field.Tag.Get("yaml"); key != "-" && docs[0].Has(key) {
			return true
		}
	}
	return false
}
