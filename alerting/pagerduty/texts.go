package pagerduty

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/alertmanager/template"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// Image is a picture that PagerDuty shows; its address begins with https.
type Image struct {
	Src  string `yaml:"src"`
	Alt  string `yaml:"alt"`
	Href string `yaml:"href"`
}

// Link is a named address.
type Link struct {
	Href string `yaml:"href"`
	Text string `yaml:"text"`
}

// validateTexts checks that templates are templates.
func (c Config) validateTexts() []error {
	texts := [][2]string{{"client", c.Client}, {"client_url", c.ClientURL}, {"description", c.Description}, {"source", c.Source},
		{"severity", c.Severity}, {"class", c.Class}, {"component", c.Component}, {"group", c.Group}}
	for i, l := range c.Links {
		texts = append(texts, [2]string{fmt.Sprintf("links[%d].href", i), l.Href}, [2]string{fmt.Sprintf("links[%d].text", i), l.Text})
	}
	for i, l := range c.Images {
		texts = append(texts, [2]string{fmt.Sprintf("images[%d].src", i), l.Src}, [2]string{fmt.Sprintf("images[%d].alt", i), l.Alt},
			[2]string{fmt.Sprintf("images[%d].href", i), l.Href})
	}
	var errs []error
	for _, t := range texts {
		if err := render.Syntax(t[0], t[1]); err != nil {
			errs = append(errs, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Details)) {
		if _, err := template.DeepCopyWithTemplate(c.Details[name].Value, func(text string) (string, error) {
			return "", render.Syntax("details."+name, text)
		}); err != nil {
			errs = append(errs, err)
		}
	}
	if s := c.Severity; s != "" && !strings.Contains(s, "{{") && !isSeverity(s) {
		errs = append(errs, errors.New("severity is none of critical, error, warning, info; leave it out to have pages critical and tickets a warning"))
	}
	return errs
}

// details are those of the user, rendered, by name; what looks like YAML once it is rendered keeps its structure.
func (c Config) details(row alerting.Row, f *render.Fields) details {
	var all details
	for _, name := range slices.Sorted(maps.Keys(c.Details)) {
		value, err := template.DeepCopyWithTemplate(c.Details[name].Value, f.Func())
		if err != nil {
			f.Fail("details."+name, err)
			continue
		}
		if text, ok := value.(string); ok {
			all = append(all, detail{Name: name, Value: text})
			continue
		}
		body, err := json.Marshal(value)
		if err != nil {
			f.Fail("details."+name, err)
			continue
		}
		all = append(all, detail{Name: name, Value: string(body), JSON: true})
	}
	return all
}

// severity is the user's, if it is one that PagerDuty knows, or else ours.
func (c Config) severity(s slo.Severity, f *render.Fields) string {
	said := strings.ToLower(strings.TrimSpace(f.Text("severity", c.Severity, "")))
	if said == "" || isSeverity(said) {
		if said == "" {
			return severity(s)
		}
		return said
	}
	f.Fail("severity", fmt.Errorf("%q is none of critical, error, warning, info", post.Cut(said, keptBytes)))
	return severity(s)
}

func isSeverity(s string) bool {
	return slices.Contains([]string{"critical", "error", "warning", "info"}, s)
}

// links are the user's and, after them, those of the message.
func (c Config) links(m alerting.Message, f *render.Fields) []link {
	var all []link
	for _, l := range c.Links {
		if href := f.Text("links.href", l.Href, ""); alerting.IsWeb(href) {
			all = append(all, link{Href: href, Text: f.Text("links.text", l.Text, "")})
		}
	}
	for _, l := range m.Links {
		if alerting.IsWeb(l.Href) {
			all = append(all, link{Href: l.Href, Text: l.Text})
		}
	}
	return all
}

// images are the user's that PagerDuty would fetch.
func (c Config) images(f *render.Fields) []image {
	var all []image
	for _, i := range c.Images {
		src := f.Text("images.src", i.Src, "")
		if src == "" {
			continue
		}
		if !strings.HasPrefix(src, "https://") || !alerting.IsWeb(src) {
			f.Fail("images.src", errors.New("it is no address that begins with https://"))
			continue
		}
		all = append(all, image{Src: src, Href: f.Text("images.href", i.Href, ""), Alt: f.Text("images.alt", i.Alt, "")})
	}
	return all
}

func firstLink(m alerting.Message) string {
	if len(m.Links) == 0 || !alerting.IsWeb(m.Links[0].Href) {
		return ""
	}
	return m.Links[0].Href
}
