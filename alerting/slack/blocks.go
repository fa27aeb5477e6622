package slack

import (
	"strings"

	"burnline/alerting/post"
)

// The limits that Slack documents, in characters and pieces.
const (
	maxText     = 40_000
	maxBlocks   = 50
	maxSection  = 3000
	maxField    = 2000
	maxFields   = 10
	maxButton   = 75
	maxAddress  = 3000
	maxButtons  = 25
	maxFallback = 4000
)

// message is the body of a request to Slack.
type message struct {
	Channel     string       `json:"channel,omitempty"`
	TS          string       `json:"ts,omitempty"`
	ThreadTS    string       `json:"thread_ts,omitempty"`
	Text        string       `json:"text,omitempty"`
	Username    string       `json:"username,omitempty"`
	IconEmoji   string       `json:"icon_emoji,omitempty"`
	IconURL     string       `json:"icon_url,omitempty"`
	LinkNames   bool         `json:"link_names,omitempty"`
	UnfurlLinks *bool        `json:"unfurl_links,omitempty"`
	Attachments []attachment `json:"attachments,omitempty"`
}

// attachment is what stands beside a bar of colour.
type attachment struct {
	Color    string  `json:"color,omitempty"`
	Fallback string  `json:"fallback,omitempty"`
	Blocks   []block `json:"blocks"`
}

// block is a part of a message.
type block struct {
	Type      string    `json:"type"`
	BlockID   string    `json:"block_id,omitempty"`
	Text      *text     `json:"text,omitempty"`
	Fields    []text    `json:"fields,omitempty"`
	Elements  []element `json:"elements,omitempty"`
	Accessory *element  `json:"accessory,omitempty"`
	ImageURL  string    `json:"image_url,omitempty"`
	AltText   string    `json:"alt_text,omitempty"`
}

// text is a text of a block.
type text struct {
	Type string `json:"type"`
	Text string `json:"text"`
}

// element is a button, a text of a context block or an image. Slack has the text of a button as an
// object and that of a context as a string.
type element struct {
	Type     string `json:"type"`
	Text     any    `json:"text,omitempty"`
	ActionID string `json:"action_id,omitempty"`
	Value    string `json:"value,omitempty"`
	URL      string `json:"url,omitempty"`
	Style    string `json:"style,omitempty"`
	ImageURL string `json:"image_url,omitempty"`
	AltText  string `json:"alt_text,omitempty"`
}

// mrkdwn is a text with Slack's mark-up.
func mrkdwn(s string, most int) text { return text{Type: "mrkdwn", Text: post.Cut(s, most)} }

// section is a block of text; a text that is too long for one is cut.
func section(s string) block {
	t := mrkdwn(s, maxSection)
	return block{Type: "section", Text: &t}
}

// small is a block of small text.
func small(s string) block {
	return block{Type: "context", Elements: []element{{Type: "mrkdwn", Text: post.Cut(s, maxSection)}}}
}

// escape keeps a text from being read as Slack's mark-up: a label must not call the whole channel.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// link is a named address. A name or address that would end the link early loses what ends it.
func link(href, name string) string {
	href = strings.NewReplacer("&", "&amp;", "<", "%3C", ">", "%3E", "|", "%7C").Replace(href)
	return "<" + href + "|" + strings.ReplaceAll(escape(name), "|", "/") + ">"
}
