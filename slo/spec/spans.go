package spec

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"burnline/internal/spancond"
	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/internal/valid"
)

// spans reads conditions on spans. service is the SLO's own, whose spans count unless
// the file names another.
func (r *reader) spans(in spans, service string) *slo.SpansSLI {
	const path = "spec.sli.spans"
	s := &slo.SpansSLI{Service: strings.TrimSpace(in.Service), Where: strings.TrimSpace(in.Where), Bad: strings.TrimSpace(in.Bad)}
	if s.Service == "" && !r.doc.Has(path+".service") {
		s.Service = service
	}
	if s.Service == "" && service != "" && !r.unread(path+".service") {
		r.wrong(path+".service", "it is empty", "write the spans' service.name, or remove the key to count those of "+service)
	}
	switch {
	case s.Where == "" && r.doc.Has(path+".where") && !r.unread(path+".where"):
		r.wrong(path+".where", "it is empty", "write a condition such as kind == SPAN_KIND_SERVER, or remove the key")
	case s.Where == "" && !r.unread(path+".where"):
		r.warn(path, "every span of the service is an event, also those of its inner steps", "write where: 'kind == SPAN_KIND_SERVER'")
	default:
		r.condition(path+".where", s.Where)
	}
	if s.Bad == "" && !r.unread(path+".bad") {
		r.wrong(path+".bad", "it is missing", "write which spans are bad, such as 'status.code == STATUS_CODE_ERROR or duration > 300ms'")
	} else {
		r.condition(path+".bad", s.Bad)
	}
	if s.Where != "" && s.Where == s.Bad {
		r.wrong(path+".bad", "bad and where are the same, so every event would be bad", "narrow bad, as in status.code == STATUS_CODE_ERROR")
	}
	return s
}

func (r *reader) condition(path, text string) {
	if text == "" || r.unread(path) {
		return
	}
	_, err := spancond.Parse(text)
	var wrong *yamlconf.Wrong
	switch {
	case errors.As(err, &wrong):
		r.wrong(path, wrong.Message, wrong.Instead)
	case err != nil:
		r.wrong(path, err.Error(), "")
	}
}

var (
	attributeName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_.-]*$`)
	noLabelSign   = regexp.MustCompile(`[^a-zA-Z0-9_]`)
)

// attributes checks the attributes of spans that split the budget, and returns the labels
// that they become: their names with _ for what labels can't hold.
func (r *reader) attributes(names []string, s *slo.SpansSLI) []string {
	if len(names) == 0 {
		return names
	}
	labels := make([]string, len(names))
	for i, name := range names {
		path := fmt.Sprintf("spec.group_by[%d]", i)
		labels[i] = noLabelSign.ReplaceAllString(name, "_")
		wrong := valid.GroupBy(labels[i], false)
		switch {
		case !attributeName.MatchString(name):
			wrong = &yamlconf.Wrong{Message: fmt.Sprintf("%q is no name of an attribute", name), Instead: "write one such as cloud.region"}
		case slices.Contains(slo.SpanLabels(), labels[i]):
			wrong = &yamlconf.Wrong{Message: labels[i] + " is a label of the counters that are made of spans", Instead: "group by another attribute"}
		case wrong == nil && slices.Contains(labels[:i], labels[i]):
			wrong = &yamlconf.Wrong{Message: name + " is listed twice", Instead: "keep one of them"}
		}
		r.refuse(path, wrong)
	}
	s.Attributes = names
	return labels
}
