package slack

import (
	"encoding/json"
	"net/url"
	"unicode/utf8"
)

// Block is a part of a message.
type Block struct {
	Type      string    `json:"type"`
	BlockID   string    `json:"block_id"`
	Text      *Text     `json:"text"`
	Fields    []Text    `json:"fields"`
	Elements  []Element `json:"elements"`
	Accessory *Element  `json:"accessory"`
	ImageURL  string    `json:"image_url"`
	AltText   string    `json:"alt_text"`
}

// Text is a text of a block.
type Text struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// Element is a button, a text or an image.
type Element struct {
	Type     string          `json:"type"`
	Text     json.RawMessage `json:"text"`
	ActionID string          `json:"action_id"`
	Value    string          `json:"value"`
	URL      string          `json:"url"`
	Style    string          `json:"style"`
	ImageURL string          `json:"image_url"`
	AltText  string          `json:"alt_text"`
}

// problem is the code by which Slack refuses a message; "" when it does not.
func (b Body) problem() string {
	switch {
	case utf8.RuneCountInString(b.Text) > 40_000:
		return "msg_too_long"
	case b.Text == "" && len(b.Attachments) == 0:
		return "no_text"
	case len(b.Attachments) > 100:
		return "too_many_attachments"
	}
	for _, a := range b.Attachments {
		if len(a.Blocks) == 0 || len(a.Blocks) > 50 {
			return "invalid_attachments"
		}
		ids := map[string]bool{}
		for _, block := range a.Blocks {
			if !block.valid(ids) {
				return "invalid_blocks"
			}
		}
	}
	return ""
}

// valid reports whether a block keeps Slack's limits; ids are the action IDs of the message so far.
func (b Block) valid(ids map[string]bool) bool {
	switch b.Type {
	case "section":
		return b.section()
	case "context":
		for _, e := range b.Elements {
			var s string
			if e.Type == "mrkdwn" && (json.Unmarshal(e.Text, &s) != nil || s == "" || long(s, 3000)) {
				return false
			}
		}
		return len(b.Elements) > 0 && len(b.Elements) <= 10
	case "image":
		return b.AltText != "" && web(b.ImageURL)
	case "actions":
		for _, e := range b.Elements {
			if !e.button() || ids[e.ActionID] {
				return false
			}
			ids[e.ActionID] = true
		}
		return len(b.Elements) > 0 && len(b.Elements) <= 25
	}
	return false
}

// section reports whether a section keeps the limits.
func (b Block) section() bool {
	if b.Text == nil && len(b.Fields) == 0 || len(b.Fields) > 10 {
		return false
	}
	if b.Text != nil && (b.Text.Text == "" || long(b.Text.Text, 3000)) {
		return false
	}
	for _, f := range b.Fields {
		if f.Text == "" || long(f.Text, 2000) {
			return false
		}
	}
	return b.Accessory == nil || b.Accessory.Type == "image" && b.Accessory.AltText != "" && web(b.Accessory.ImageURL)
}

// button reports whether an element is a button within the limits.
func (e Element) button() bool {
	var t Text
	if e.Type != "button" || json.Unmarshal(e.Text, &t) != nil || t.Type != "plain_text" || t.Text == "" || long(t.Text, 75) {
		return false
	}
	return e.ActionID != "" && !long(e.ActionID, 255) && !long(e.Value, 2000) && (e.URL == "" || web(e.URL)) &&
		(e.Style == "" || e.Style == "primary" || e.Style == "danger")
}

func long(s string, most int) bool { return utf8.RuneCountInString(s) > most }

func web(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && !long(s, 3000)
}
