package openslo

import (
	"fmt"
	"strings"

	"burnline/slo/spec/promql"
)

// speaksPromQL reports whether a source of the type is asked in PromQL.
func speaksPromQL(kind string) bool {
	switch strings.NewReplacer(" ", "", "-", "", "_", "").Replace(strings.ToLower(kind)) {
	case "prometheus", "thanos", "mimir", "grafanamimir", "cortex", "victoriametrics", "amazonprometheus",
		"amazonmanagedprometheus", "azureprometheus", "googleprometheus", "sloth":
		return true
	}
	return false
}

// prometheus checks that a query runs where Burnline's metrics are, and that it is PromQL.
func (r *reader) prometheus(s *source) {
	if s == nil {
		return
	}
	kind, where := s.kind, s.kindP
	if s.ref != "" {
		ref := s.at.at("metricSource.metricSourceRef")
		obj := r.objects.find(kindSource, s.ref)
		switch {
		case obj == nil && kind == "":
			r.wrong(ref, fmt.Sprintf("no DataSource named %s is in the files, so its type is unknown", s.ref), "write type: Prometheus beside it, or add the file that holds it")
			return
		case obj == nil:
		case kind != "" && !strings.EqualFold(kind, obj.source.Type):
			r.warn(where, fmt.Sprintf("the DataSource %s has the type %s, not %s", s.ref, obj.source.Type, kind), "write the type once, at the DataSource")
			kind, where = obj.source.Type, ref
		default:
			kind, where = obj.source.Type, ref
		}
	}
	switch {
	case r.unread(s.at):
		return
	case kind == "":
		r.wrong(s.at, "it does not say which kind of source answers the query", "write type: Prometheus")
		return
	case !speaksPromQL(kind):
		r.wrong(where, fmt.Sprintf("Burnline asks Prometheus and what speaks PromQL, not %s, so the SLO can't be read from here", kind),
			"send the metric to Burnline, and write PromQL and the source Prometheus")
		return
	case s.text == "":
		r.wrong(s.query, "the query is missing", "write query: and the PromQL")
		return
	}
	if err := promql.Valid(s.text); err != nil {
		r.refused(s.query, err)
	}
	for _, key := range s.other {
		r.warn(s.at.at("metricSource.spec."+key), key+" is nothing that a PromQL query needs, and is not read", "remove it, or write what it means into the query")
	}
}
