package slack

import (
	"strings"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// ackAction is the ID of the button that acknowledges an incident.
const ackAction = "acknowledge-incident"

// compose writes the message of a row; with a button where presses of it can be taken.
func (c Config) compose(row alerting.Row, f *render.Fields, button bool) message {
	m := row.Message
	shown := f.Escaped(escape)
	off := false
	head := mark(row) + " " + escape(m.Summary)
	ownBody := c.Title == "" && c.Text == "" && c.Pretext == ""
	if !ownBody && c.MessageText == "" {
		head = "" // the user's own words tell it, below
	}
	msg := message{
		Channel: f.Text("channel", c.Channel, ""), Username: f.Text("username", c.Username, ""),
		IconEmoji: f.Text("icon_emoji", c.IconEmoji, ""), IconURL: f.Text("icon_url", c.IconURL, ""),
		LinkNames: c.LinkNames, UnfurlLinks: &off,
		Text: post.Cut(shown.Text("message_text", c.MessageText, head), maxText),
	}
	a := attachment{
		Color:    f.Text("color", c.Color, color(row)),
		Fallback: post.Cut(f.Text("fallback", c.Fallback, mark(row)+" "+m.Summary), maxFallback),
		Blocks:   c.body(row, f, ownBody),
	}
	if by := row.Message.Acknowledged; by != nil {
		a.Blocks = append(a.Blocks, small(":eyes: "+escape(by.Title()+" "+by.Place())))
	}
	if b, ok := c.buttons(row, f, button); ok {
		a.Blocks = append(a.Blocks, b)
	}
	if failure := f.Failure(); failure != "" {
		if msg.Text == "" {
			msg.Text = post.Cut(mark(row)+" "+escape(m.Summary), maxText)
			a.Blocks = append(facts(m), a.Blocks...)
		}
		a.Blocks = append([]block{small(":warning: " + escape(failure))}, a.Blocks...)
	}
	if len(a.Blocks) > maxBlocks {
		a.Blocks = a.Blocks[:maxBlocks]
	}
	if len(a.Blocks) > 0 {
		msg.Attachments = []attachment{a}
	}
	return msg
}

// body are the blocks between headline and buttons: the user's texts, or else the facts and links.
func (c Config) body(row alerting.Row, f *render.Fields, own bool) []block {
	var blocks []block
	add := func(s string) {
		if strings.TrimSpace(s) != "" {
			blocks = append(blocks, section(s))
		}
	}
	shown := f.Escaped(escape)
	add(shown.Text("pretext", c.Pretext, ""))
	if title := shown.Text("title", c.Title, ""); title != "" {
		if href := f.Text("title_link", c.TitleLink, firstLink(row.Message)); alerting.IsWeb(href) {
			title = link(href, f.Text("title", c.Title, ""))
		}
		add("*" + title + "*")
	}
	add(shown.Text("text", c.Text, ""))
	if thumb := f.Text("thumb_url", c.ThumbURL, ""); alerting.IsWeb(thumb) && len(blocks) > 0 {
		blocks[len(blocks)-1].Accessory = &element{Type: "image", ImageURL: post.Cut(thumb, maxAddress), AltText: "thumbnail"}
	}
	switch {
	case len(c.Fields) > 0:
		blocks = append(blocks, c.fields(shown)...)
	case own:
		blocks = append(blocks, facts(row.Message)...)
	}
	if image := f.Text("image_url", c.ImageURL, ""); alerting.IsWeb(image) {
		blocks = append(blocks, block{Type: "image", ImageURL: post.Cut(image, maxAddress), AltText: "image of the alert"})
	}
	if links := links(row.Message); links != "" && own {
		blocks = append(blocks, small(links))
	}
	if footer := shown.Text("footer", c.Footer, ""); footer != "" {
		blocks = append(blocks, small(footer))
	}
	return blocks
}

// fields are the user's fields: short ones two a line, long ones each a section.
func (c Config) fields(f *render.Fields) []block {
	var blocks []block
	var short []text
	flush := func() {
		if len(short) > 0 {
			blocks = append(blocks, block{Type: "section", Fields: short})
			short = nil
		}
	}
	for _, field := range c.Fields {
		t := "*" + f.Text("fields.title", field.Title, "") + "*\n" + f.Text("fields.value", field.Value, "")
		if field.Short == nil && !c.ShortFields || field.Short != nil && !*field.Short {
			flush()
			blocks = append(blocks, section(t))
			continue
		}
		if short = append(short, mrkdwn(t, maxField)); len(short) == maxFields {
			flush()
		}
	}
	flush()
	return blocks
}

// facts are the most important facts of a message.
func facts(m alerting.Message) []block {
	var fields []text
	for _, d := range m.Details {
		if len(fields) < maxFields {
			fields = append(fields, mrkdwn("*"+escape(d.Name)+"*\n"+escape(post.Cut(d.Value, maxField/10)), maxField))
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return []block{{Type: "section", Fields: fields}}
}

// links are the addresses of a message in one line.
func links(m alerting.Message) string {
	var all []string
	for _, l := range m.Links {
		if alerting.IsWeb(l.Href) {
			all = append(all, link(l.Href, l.Text))
		}
	}
	return strings.Join(all, " · ")
}

func firstLink(m alerting.Message) string {
	if len(m.Links) == 0 {
		return ""
	}
	return m.Links[0].Href
}

// buttons are the user's, and the one that acknowledges while there is something to acknowledge.
func (c Config) buttons(row alerting.Row, f *render.Fields, button bool) (block, bool) {
	b := block{Type: "actions", BlockID: "burnline"}
	if button && row.Action != alerting.ActionResolve && row.Message.Acknowledged == nil {
		b.Elements = append(b.Elements, element{Type: "button", Text: plain("Acknowledge"), ActionID: ackAction, Value: row.Key, Style: "primary"})
	}
	for i, a := range c.Actions {
		href, name := f.Text("actions.url", a.URL, ""), f.Text("actions.text", a.Text, "")
		if !alerting.IsWeb(href) || len(b.Elements) == maxButtons {
			continue
		}
		e := element{Type: "button", Text: plain(name), ActionID: "link-" + string(rune('a'+i%maxButtons)), URL: post.Cut(href, maxAddress)}
		if a.Style == "primary" || a.Style == "danger" {
			e.Style = a.Style
		}
		b.Elements = append(b.Elements, e)
	}
	return b, len(b.Elements) > 0
}

func plain(s string) text { return text{Type: "plain_text", Text: post.Cut(s, maxButton)} }

// mark stands before a message, so that its kind is seen in a list of channels.
func mark(row alerting.Row) string {
	switch {
	case row.Action == alerting.ActionResolve:
		return ":white_check_mark:"
	case row.Message.Severity == slo.Page:
		return ":rotating_light:"
	}
	return ":warning:"
}

// color is that of the bar beside the facts.
func color(row alerting.Row) string {
	switch {
	case row.Action == alerting.ActionResolve:
		return "good"
	case row.Message.Severity == slo.Page:
		return "danger"
	}
	return "warning"
}
