package statuspage

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"time"

	"burnline/alerting/statuspage"
)

//go:embed page.html style.css badge.svg
var embedded embed.FS

// snapshot is everything that is answered, as of one moment.
type snapshot struct {
	page, json, feed document
	// badges are those of the journeys, by path.
	badges map[string]document
}

// render makes all answers of a page.
func (b *Board) render(p statuspage.Page) (*snapshot, error) {
	templates, err := template.New("").Funcs(functions()).ParseFS(embedded, "page.html", "badge.svg")
	if err != nil {
		return nil, fmt.Errorf("parse the status page: %w", err)
	}
	s := &snapshot{badges: map[string]document{}}
	var out bytes.Buffer
	if err := templates.ExecuteTemplate(&out, "page.html", view{Page: p, Style: b.style.path}); err != nil {
		return nil, fmt.Errorf("write the status page: %w", err)
	}
	if s.page, err = newDocument("text/html; charset=utf-8", bytes.Clone(out.Bytes())); err != nil {
		return nil, err
	}
	data, err := json.Marshal(p)
	if err != nil {
		return nil, fmt.Errorf("write the status as JSON: %w", err)
	}
	if s.json, err = newDocument("application/json; charset=utf-8", append(data, '\n')); err != nil {
		return nil, err
	}
	if data, err = feed(&p, b.o.URL()); err != nil {
		return nil, err
	}
	if s.feed, err = newDocument("application/atom+xml; charset=utf-8", data); err != nil {
		return nil, err
	}
	s.json.anywhere, s.feed.anywhere = true, true
	for _, j := range p.Journeys {
		out.Reset()
		if err := templates.ExecuteTemplate(&out, "badge.svg", newBadge(j)); err != nil {
			return nil, fmt.Errorf("write the badge of %s: %w", j.Name, err)
		}
		d, err := newDocument("image/svg+xml; charset=utf-8", bytes.Clone(out.Bytes()))
		if err != nil {
			return nil, err
		}
		d.anywhere = true
		s.badges[badgePath+j.Slug+".svg"] = d
	}
	return s, nil
}

// styleSheet is the one style sheet, at an address that changes with it.
func styleSheet() (document, error) {
	data, err := embedded.ReadFile("style.css")
	if err != nil {
		return document{}, fmt.Errorf("read the style sheet: %w", err)
	}
	d, err := newDocument("text/css; charset=utf-8", data)
	d.path, d.keep = stylePath+d.etag+".css", 365*24*time.Hour
	return d, err
}
