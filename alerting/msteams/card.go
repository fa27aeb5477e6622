package msteams

import (
	"encoding/json"
	"fmt"
	"strings"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// The limits that Microsoft documents.
const (
	// maxBody is the largest message, in bytes.
	maxBody = 28_000
	// maxActions is how many buttons a card shows.
	maxActions = 6
	// maxTitle is what is kept of a title and maxText of a text, in characters, so that both fit.
	maxTitle = 1000
	maxText  = 4000
)

// message wraps an adaptive card as the workflow expects it.
type message struct {
	Type        string       `json:"type"`
	Attachments []attachment `json:"attachments"`
}

type attachment struct {
	ContentType string `json:"contentType"`
	ContentURL  *bool  `json:"contentUrl"` // always null
	Content     card   `json:"content"`
}

// card is an adaptive card.
type card struct {
	Schema  string            `json:"$schema"`
	Type    string            `json:"type"`
	Version string            `json:"version"`
	Body    []piece           `json:"body"`
	Actions []action          `json:"actions,omitempty"`
	Teams   map[string]string `json:"msteams"`
}

// piece is a part of a card: a TextBlock, whose text takes Markdown, or a RichTextBlock, whose runs are shown as they are.
type piece struct {
	Type    string `json:"type"`
	Text    string `json:"text,omitempty"`
	Weight  string `json:"weight,omitempty"`
	Size    string `json:"size,omitempty"`
	Color   string `json:"color,omitempty"`
	Wrap    bool   `json:"wrap,omitempty"`
	Inlines []run  `json:"inlines,omitempty"`
}

type run struct {
	Type   string `json:"type"`
	Text   string `json:"text"`
	Weight string `json:"weight,omitempty"`
	Size   string `json:"size,omitempty"`
	Color  string `json:"color,omitempty"`
}

type action struct {
	Type  string `json:"type"`
	Title string `json:"title"`
	URL   string `json:"url"`
}

// adaptive writes the row as an adaptive card of at most maxBody bytes: facts go first, then the end of the text.
func (c Config) adaptive(row alerting.Row, f *render.Fields) ([]byte, error) {
	body, facts := c.body(row, f)
	text := maxText
	for {
		pieces := body
		if len(facts) > 0 {
			pieces = append(append([]piece(nil), body...), facts...)
		}
		out, err := json.Marshal(message{Type: "message", Attachments: []attachment{{
			ContentType: "application/vnd.microsoft.card.adaptive",
			Content: card{Schema: "http://adaptivecards.io/schemas/adaptive-card.json", Type: "AdaptiveCard", Version: "1.4",
				Body: pieces, Actions: actions(row.Message), Teams: map[string]string{"width": "Full"}},
		}}})
		switch {
		case err != nil || len(out) <= maxBody || text == 0:
			return out, err
		case len(facts) > 0:
			facts = facts[:len(facts)/2]
		default:
			text /= 2
			for i := range body {
				body[i].shorten(text)
			}
		}
	}
}

// shorten cuts what a piece shows.
func (p *piece) shorten(most int) {
	p.Text = post.Cut(p.Text, most)
	for i := range p.Inlines {
		p.Inlines[i].Text = post.Cut(p.Inlines[i].Text, most)
	}
}

// body are the pieces that say what is the matter, and the facts behind it.
func (c Config) body(row alerting.Row, f *render.Fields) (body, facts []piece) {
	m := row.Message
	head := plain(run{Text: post.Cut(m.Summary, maxTitle), Weight: "Bolder", Size: "Medium", Color: color(row)})
	title, text := f.Text("title", c.Title, ""), f.Text("text", c.Text, "")
	failure := f.Failure()
	if title == "" || failure != "" {
		body = append(body, head)
	}
	if failure != "" {
		body = append(body, plain(run{Text: post.Cut(failure, maxTitle), Color: "Warning"}))
	}
	if title != "" {
		body = append(body, piece{Type: "TextBlock", Text: post.Cut(title, maxTitle), Weight: "Bolder", Size: "Medium", Color: color(row), Wrap: true})
	}
	if text != "" {
		body = append(body, piece{Type: "TextBlock", Text: post.Cut(text, maxText), Wrap: true})
	}
	if c.Text != "" && failure == "" {
		return body, nil // the user's text tells it
	}
	for _, d := range m.Details {
		facts = append(facts, plain(run{Text: d.Name + ": ", Weight: "Bolder"}, run{Text: d.Value}))
	}
	return body, facts
}

// plain is a text that is shown as it is: nothing in it is read as Markdown.
func plain(runs ...run) piece {
	for i := range runs {
		runs[i].Type = "TextRun"
		if runs[i].Text == "" {
			runs[i].Text = " " // none is allowed
		}
	}
	return piece{Type: "RichTextBlock", Inlines: runs}
}

// actions are buttons that open the message's addresses.
func actions(m alerting.Message) []action {
	var all []action
	for _, l := range m.Links {
		if alerting.IsWeb(l.Href) && len(l.Href) < maxText && len(all) < maxActions {
			all = append(all, action{Type: "Action.OpenUrl", Title: post.Cut(l.Text, maxTitle/10), URL: l.Href})
		}
	}
	return all
}

// color is that of the headline.
func color(row alerting.Row) string {
	switch {
	case row.Action == alerting.ActionResolve:
		return "Good"
	case row.Message.Severity == slo.Page:
		return "Attention"
	}
	return "Warning"
}

// escape keeps a text from being read as the Markdown and HTML of the retired connectors' cards.
func escape(s string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "_", `\_`, "`", "\\`", "[", `\[`, "]", `\]`, "<", "&lt;", ">", "&gt;", "&", "&amp;").Replace(s)
}

// messageCard writes the row as the card of the retired connectors.
func (c LegacyConfig) messageCard(row alerting.Row, f *render.Fields) ([]byte, error) {
	m := row.Message
	title, text := f.Text("title", c.Title, escape(m.Summary)), f.Text("text", c.Text, escape(render.Facts(m)))
	summary := f.Text("summary", c.Summary, m.Summary)
	if failure := f.Failure(); failure != "" {
		text = escape(m.Summary+"\n\n"+failure) + "\n\n" + text
	}
	theme := map[string]string{"Good": "2DC72D", "Attention": "8C1A1A", "Warning": "FFA500"}[color(row)]
	for most := maxText; ; most /= 2 {
		out, err := json.Marshal(map[string]string{"@context": "http://schema.org/extensions", "@type": "MessageCard", "themeColor": theme,
			"title": post.Cut(title, maxTitle), "summary": post.Cut(summary, maxTitle), "text": post.Cut(text, most)})
		if err != nil || len(out) <= maxBody {
			return out, err
		}
		if most == 0 {
			return nil, fmt.Errorf("the card has %d bytes, and Teams takes %d", len(out), maxBody)
		}
	}
}
