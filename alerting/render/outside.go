package render

import (
	"maps"

	"burnline/alerting"
	"burnline/slo"
)

// Escaped are the same fields for a text that has mark-up: what a template shows of labels, facts and names
// passes through escape, while the words of the template stay as they are. Annotations stay too: they are the words
// of who wrote the rule or the SLO, who may mean their mark-up.
func (f *Fields) Escaped(escape func(string) string) *Fields {
	e := *f
	e.row.Message = escaped(f.row.Message, escape)
	e.row.Alerts = make([]alerting.AlertStatus, len(f.row.Alerts))
	for i, a := range f.row.Alerts {
		a.Labels = escapedLabels(a.Labels, escape)
		e.row.Alerts[i] = a
	}
	return &e
}

func escaped(m alerting.Message, escape func(string) string) alerting.Message {
	notes := alerting.EvidenceNotes(m)
	for name, text := range notes {
		notes[name] = escape(text)
	}
	maps.Copy(notes, m.Annotations) // as they stand where no template of these fields is rendered
	m.Annotations, m.Evidence = notes, nil
	m.Summary, m.Source, m.Component, m.Labels = escape(m.Summary), escape(m.Source), escape(m.Component), escapedLabels(m.Labels, escape)
	details := make([]alerting.Detail, len(m.Details))
	for i, d := range m.Details {
		details[i] = alerting.Detail{Name: escape(d.Name), Value: escape(d.Value)}
	}
	m.Details = details
	return m
}

func escapedLabels(labels slo.Labels, escape func(string) string) slo.Labels {
	all := make(slo.Labels, len(labels))
	for i, l := range labels {
		l.Value = escape(l.Value)
		all[i] = l
	}
	return all
}
