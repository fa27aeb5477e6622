package changes

import (
	"fmt"
	"io"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Input is a change as the API takes it.
type Input struct {
	// ID names it, so that telling it twice is one change; "" gets one.
	ID string `json:"id,omitempty"`
	// Kind is deploy, flag, config or other; "" is deploy.
	Kind string `json:"kind,omitempty"`
	// At is RFC 3339; "" is now.
	At      string `json:"at,omitempty"`
	Service string `json:"service,omitempty"`
	Title   string `json:"title"`
	Version string `json:"version,omitempty"`
	By      string `json:"by,omitempty"`
	Link    string `json:"link,omitempty"`
	// Labels narrow it, such as region or flag.
	Labels map[string]string `json:"labels,omitempty"`
	// Source is api or cli; "" is api.
	Source string `json:"source,omitempty"`
}

const (
	// MaxLabels bounds the labels of a change.
	MaxLabels = 20
	// oldest and ahead are how far from now a change may lie. What is planned isn't done yet.
	oldest = 90 * 24 * time.Hour
	ahead  = 5 * time.Minute
)

// id is what an ID looks like: it stands in addresses and keys as it is.
var id = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,199}$`)

// kinds are those that people tell of.
func kinds() []slo.ChangeKind {
	return []slo.ChangeKind{slo.ChangeDeploy, slo.ChangeFlag, slo.ChangeConfig, slo.ChangeOther}
}

// Decode reads one Input. A field that doesn't exist, and anything after the object, is an
// error, so that no slip of the pen is passed over.
func Decode(r io.Reader) (Input, error) {
	var in Input
	if err := slo.DecodeObject(r, &in); err != nil {
		return Input{}, fmt.Errorf("read the change: %w", err)
	}
	return in, nil
}

// change returns the input as a change that is told now. The error, slo.Problems, says all that is wrong.
func (in *Input) change(now time.Time) (slo.ChangeEvent, error) {
	var found slo.Problems
	c := slo.ChangeEvent{
		ID: in.ID, Kind: slo.ChangeKind(in.Kind), At: now, Service: in.Service, Title: in.Title, Version: in.Version,
		By: in.By, Link: in.Link, Labels: in.Labels, Source: in.Source,
	}
	if c.ID != "" && !id.MatchString(c.ID) {
		found.Add("id", "write up to 200 letters, digits and . _ : / @ + -, such as deploy-4711", "%.100q is no ID", c.ID)
	}
	if c.Kind == "" {
		c.Kind = slo.ChangeDeploy
	}
	if !slices.Contains(kinds(), c.Kind) {
		found.Add("kind", "write deploy, flag, config or other", "unknown kind %.100q", in.Kind)
	}
	if c.Source == "" {
		c.Source = "api"
	}
	if c.Source != "api" && c.Source != "cli" {
		found.Add("source", "write api or cli, or leave it out", "unknown source %.100q", in.Source)
	}
	found.Text("title", `write what changed in one line, such as "checkout 2.14.0"`, in.Title)
	if strings.ContainsAny(in.Title, "\n\r") {
		found.Add("title", "write one line", "it has several")
	}
	for _, f := range []struct{ name, text string }{{"service", in.Service}, {"version", in.Version}, {"by", in.By}} {
		if f.text != "" {
			found.Text(f.name, "leave it out", f.text)
		}
	}
	in.moment(&c, now, &found)
	in.link(&found)
	in.labels(&found)
	if len(found) > 0 {
		return slo.ChangeEvent{}, found
	}
	return c, nil
}

// moment reads when it happened.
func (in *Input) moment(c *slo.ChangeEvent, now time.Time, found *slo.Problems) {
	if in.At == "" {
		c.At = now.UTC()
		return
	}
	at, err := time.Parse(time.RFC3339, in.At)
	switch {
	case err != nil:
		found.Add("at", "write a moment such as 2026-03-01T02:00:00Z", "%.100q is no moment", in.At)
	case at.After(now.Add(ahead)):
		found.Add("at", "tell it when it is done", "it lies ahead")
	case at.Before(now.Add(-oldest)):
		found.Add("at", "leave it out", "it is more than %s ago, and no incident rests on it", slo.FormatDuration(oldest))
	}
	c.At = at.UTC()
}

// link checks where to read more.
func (in *Input) link(found *slo.Problems) {
	if in.Link == "" {
		return
	}
	found.Text("link", "leave it out", in.Link)
	if u, err := url.Parse(in.Link); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		found.Add("link", "write one such as https://ci.example.com/42", "%.100q is no web address", in.Link)
	}
}

// labels checks what narrows it.
func (in *Input) labels(found *slo.Problems) {
	if len(in.Labels) > MaxLabels {
		found.Add("labels", "leave some out", "%d are more than %d", len(in.Labels), MaxLabels)
		return
	}
	for name, value := range in.Labels {
		found.Text("labels", "write a name such as region", name)
		if name != "" {
			found.Text("labels."+name, "leave it out", value)
		}
	}
}
