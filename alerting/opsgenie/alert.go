package opsgenie

import (
	"maps"
	"slices"
	"strings"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// The limits that Opsgenie documents, in characters and pieces.
const (
	maxMessage     = 130
	maxAlias       = 512
	maxDescription = 15_000
	maxTags        = 20
	maxTag         = 50
	maxActions     = 10
	maxAction      = 50
	maxDetails     = 8000
	maxEntity      = 512
	maxSource      = 100
	maxNote        = 25_000
	maxResponders  = 50
)

// alert is the body of a request that creates an alert.
type alert struct {
	Message     string            `json:"message"`
	Alias       string            `json:"alias"`
	Description string            `json:"description,omitempty"`
	Responders  []Responder       `json:"responders,omitempty"`
	Tags        []string          `json:"tags,omitempty"`
	Actions     []string          `json:"actions,omitempty"`
	Details     map[string]string `json:"details,omitempty"`
	Entity      string            `json:"entity,omitempty"`
	Source      string            `json:"source,omitempty"`
	Priority    string            `json:"priority,omitempty"`
	Note        string            `json:"note,omitempty"`
}

// newAlert translates a row. What a template's failure has to say comes first in the description.
func (c Config) newAlert(row alerting.Row, f *render.Fields) alert {
	m := row.Message
	a := alert{
		Message:    post.Cut(orUnknown(f.Text("message", c.Message, m.Summary)), maxMessage),
		Alias:      alias(row),
		Tags:       list(f.Text("tags", c.Tags, ""), maxTags, maxTag),
		Actions:    list(f.Text("actions", c.Actions, ""), maxActions, maxAction),
		Entity:     post.Cut(f.Text("entity", c.Entity, m.Source), maxEntity),
		Source:     post.Cut(f.Text("source", c.Source, "Burnline"), maxSource),
		Priority:   priority(m.Severity),
		Note:       post.Cut(f.Text("note", c.Note, ""), maxNote),
		Responders: c.responders(f),
		Details:    c.details(row, f),
	}
	if p := strings.TrimSpace(f.Text("priority", c.Priority, "")); isPriority(p) {
		a.Priority = p
	}
	description := f.Text("description", c.Description, described(m))
	if failure := f.Failure(); failure != "" {
		description = m.Summary + "\n" + failure + "\n\n" + description
	}
	a.Description = post.Cut(description, maxDescription)
	return a
}

// described is a message in full: the message's own field holds its beginning only.
func described(m alerting.Message) string {
	lines := []string{m.Summary, ""}
	for _, l := range m.Links {
		lines = append(lines, l.Text+": "+l.Href)
	}
	return strings.Join(append(lines, "", render.Facts(m)), "\n")
}

// details are the labels of the incident and those of the user, and then the facts of the message, the most important
// first, within the limit of all together.
func (c Config) details(row alerting.Row, f *render.Fields) map[string]string {
	all := map[string]string{}
	for name, value := range render.NewData(row, "").CommonLabels {
		all[name] = value
	}
	for name, value := range c.Details {
		all[name] = f.Text("details."+name, value, "")
	}
	left := maxDetails
	names := slices.Sorted(maps.Keys(all))
	for _, d := range row.Message.Details {
		if _, taken := all[d.Name]; !taken && d.Value != "" {
			all[d.Name], names = d.Value, append(names, d.Name)
		}
	}
	for _, name := range names {
		left -= len(name)
		if left <= 0 {
			delete(all, name)
			continue
		}
		all[name] = post.Head(all[name], left)
		left -= len(all[name])
	}
	return all
}

// responders are those of the user; one of type teams stands for each team that it names.
func (c Config) responders(f *render.Fields) []Responder {
	var all []Responder
	for _, r := range c.Responders {
		r = Responder{ID: f.Text("responders.id", r.ID, ""), Name: f.Text("responders.name", r.Name, ""),
			Username: f.Text("responders.username", r.Username, ""), Type: strings.ToLower(f.Text("responders.type", r.Type, ""))}
		if r.Type != "teams" {
			if r.ID != "" || r.Name != "" || r.Username != "" {
				all = append(all, r)
			}
			continue
		}
		for _, team := range list(r.Name, maxResponders, maxEntity) {
			all = append(all, Responder{Name: team, Type: "team"})
		}
	}
	return all[:min(len(all), maxResponders)]
}

// list reads texts with commas between.
func list(s string, most, length int) []string {
	var all []string
	for _, part := range strings.Split(s, ",") {
		if part = strings.TrimSpace(part); part != "" && len(all) < most {
			all = append(all, post.Cut(part, length))
		}
	}
	return all
}

// alias is what Opsgenie knows the incident by.
func alias(row alerting.Row) string { return post.Head(row.Key, maxAlias) }

// priority of pages is the highest, that of tickets the middle one.
func priority(s slo.Severity) string {
	if s == slo.Page {
		return "P1"
	}
	return "P3"
}

// orUnknown keeps the one required field from being empty.
func orUnknown(s string) string {
	if strings.TrimSpace(s) == "" {
		return "unknown"
	}
	return s
}
