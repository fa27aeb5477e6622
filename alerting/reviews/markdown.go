package reviews

import (
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"burnline/alerting"
)

// special are the signs that mean something within a line of Markdown (CommonMark, GitHub's tables,
// strike-through, formulas and addresses that become links by themselves).
const special = "\\`*_[]|~$@#"

// plainly writes a text as one line of Markdown in which nothing means anything: no emphasis, no link, no
// table, no HTML.
func plainly(text string) string {
	text = strings.Join(strings.Fields(strings.Map(shown, text)), " ")
	var b strings.Builder
	for i, r := range text {
		switch {
		case r == '&':
			b.WriteString("&amp;")
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case strings.ContainsRune(special, r),
			r == ':' && strings.HasPrefix(text[i:], "://"),
			r == '.' && i >= 3 && strings.EqualFold(text[i-3:i], "www"),
			marks(text, i):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// marks reports whether the sign at i would make a line a heading, a list, a rule or the like.
func marks(text string, i int) bool {
	if i == 0 {
		number := len(text) > 1 && text[1] >= '0' && text[1] <= '9'
		return strings.IndexByte("-+=:!", text[0]) >= 0 && !number
	}
	ends := i+1 == len(text) || text[i+1] == ' '
	return ends && (text[i] == '.' || text[i] == ')') && strings.Trim(text[:i], "0123456789") == ""
}

// shown replaces what can't be printed, and what turns text around.
func shown(r rune) rune {
	if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029' {
		return ' '
	}
	return r
}

// page is Markdown that is being written.
type page struct{ strings.Builder }

// line writes one line; format holds Markdown, and the texts among args are written plainly.
func (p *page) line(format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case string:
			args[i] = plainly(a)
		case markdown:
			args[i] = string(a)
		}
	}
	_, _ = fmt.Fprintf(p, format+"\n", args...) // a builder takes everything
}

// markdown is text that is Markdown already.
type markdown string

// heading writes a heading with a blank line around it.
func (p *page) heading(level int, text string) {
	if p.Len() > 0 {
		p.line("")
	}
	p.line("%s %s", markdown(strings.Repeat("#", level)), text)
	p.line("")
}

// table writes a table; nothing without rows.
func (p *page) table(head []string, rows [][]string) {
	if len(rows) == 0 {
		return
	}
	p.row(head)
	p.line("|%s", markdown(strings.Repeat(" --- |", len(head))))
	for _, r := range rows {
		p.row(r)
	}
}

func (p *page) row(cells []string) {
	p.WriteString("|")
	for _, c := range cells {
		p.WriteString(" " + plainly(c) + " |")
	}
	p.WriteString("\n")
}

// quote writes lines that people wrote, as a quotation that is part of a list's item.
func (p *page) quote(text string) {
	for part := range strings.Lines(text) {
		if part = plainly(part); part != "" {
			p.line("  > %s  ", markdown(part))
		}
	}
}

// link writes a link; the text alone where a browser could not follow it.
func link(text, href string) markdown {
	u, err := url.Parse(href)
	if err != nil || !alerting.IsWeb(href) {
		return markdown(plainly(text))
	}
	safe := strings.NewReplacer("(", "%28", ")", "%29", "<", "%3C", ">", "%3E", " ", "%20", "\\", "%5C", "\"", "%22", "|", "%7C").Replace(u.String())
	return markdown("[" + plainly(text) + "](" + safe + ")")
}
