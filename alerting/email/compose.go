package email

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"maps"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strings"

	"github.com/wneessen/go-mail"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// maxSubject is how many characters of Burnline's own subject are kept.
const maxSubject = 200

// compose writes the mail of a row, addressed to all recipients.
func (s *Sender) compose(row alerting.Row, f *render.Fields) (*mail.Msg, error) {
	m := mail.NewMsg()
	if err := m.From(flat(f.Text("from", s.config.From, s.config.From))); err != nil {
		return nil, fmt.Errorf("from is no address: %w", err)
	}
	to, err := netmail.ParseAddressList(flat(f.Text("to", s.config.To, s.config.To)))
	if err != nil {
		return nil, fmt.Errorf("to is no list of addresses: %w", err)
	}
	m.ToMailAddress(to...)
	s.thread(m, row)
	m.SetDateWithValue(s.o.Now())
	m.SetUserAgent("Burnline")
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	if row.Message.Severity == slo.Page && row.Action != alerting.ActionResolve {
		m.SetImportance(mail.ImportanceHigh)
	}
	m.Subject(subject(row))
	for _, name := range sortedKeys(s.config.Headers) {
		key := textproto.CanonicalMIMEHeaderKey(name)
		own := ""
		if key == "Subject" {
			own = subject(row)
		}
		if value := flat(f.Text("headers."+key, s.config.Headers[name], own)); value != "" {
			m.SetGenHeader(mail.Header(key), value)
		}
	}
	if r := row.Message.Report; r != nil {
		m.SetBodyString(mail.TypeTextPlain, plain(row.Message))
		m.AddAlternativeString(mail.TypeTextHTML, r.HTML)
		return m, nil
	}
	s.bodies(m, row, f)
	return m, nil
}

// TakesReports reports that mails may carry reports.
func (s *Sender) TakesReports() bool { return true }

// bodies sets the user's texts, or else Burnline's own. A user's plain text alone is sent alone, since
// mail programs show HTML where there is some.
func (s *Sender) bodies(m *mail.Msg, row alerting.Row, f *render.Fields) {
	text := f.Text("text", s.config.Text, "")
	page := f.With(s.o.RenderHTML, "html", s.config.HTML, "")
	failure := f.Failure()
	if text == "" {
		text = plain(row.Message)
	}
	if failure != "" {
		text = row.Message.Summary + "\n\n" + failure + "\n\n" + text
	}
	m.SetBodyString(mail.TypeTextPlain, text)
	switch {
	case page != "" && failure != "":
		page = "<p>" + html.EscapeString(row.Message.Summary) + "</p><p>" + html.EscapeString(failure) + "</p>" + page
	case page == "" && (s.config.Text == "" || s.config.HTML != ""):
		page = own(row.Message, failure)
	}
	if page != "" {
		m.AddAlternativeString(mail.TypeTextHTML, page)
	}
}

// thread names the mail and the incident that it belongs to. A mail that is sent again has the same
// name, so that mail programs show it once.
func (s *Sender) thread(m *mail.Msg, row alerting.Row) {
	domain := "burnline"
	if from := m.GetFrom(); len(from) == 1 {
		if _, host, ok := strings.Cut(from[0].Address, "@"); ok {
			domain = host
		}
	}
	sum := sha256.Sum256([]byte(row.Receiver + "\x00" + row.Integration + "\x00" + row.Key))
	first := "burnline." + hex.EncodeToString(sum[:12])
	if !s.config.threads() || row.Seq > 1 {
		m.SetMessageIDWithValue(fmt.Sprintf("%s.%d@%s", first, row.Seq, domain))
	} else {
		m.SetMessageIDWithValue(first + "@" + domain)
	}
	if s.config.threads() && row.Seq > 1 {
		m.SetGenHeader(mail.HeaderInReplyTo, "<"+first+"@"+domain+">")
		m.SetGenHeader(mail.HeaderReferences, "<"+first+"@"+domain+">")
	}
}

// subject is the summary after what kind of news it is.
func subject(row alerting.Row) string {
	kind := "ticket"
	switch {
	case row.Action == alerting.ActionReport:
		return post.Cut(flat(row.Message.Summary), maxSubject)
	case row.Action == alerting.ActionResolve:
		kind = "over"
	case row.Message.Severity == slo.Page:
		kind = "PAGE"
	}
	return post.Cut(flat("["+kind+"] "+row.Message.Summary), maxSubject)
}

// plain is a message as plain text.
func plain(m alerting.Message) string {
	var b strings.Builder
	b.WriteString(m.Summary + "\n\n")
	for _, l := range m.Links {
		b.WriteString(l.Text + ": " + l.Href + "\n")
	}
	b.WriteString("\n" + render.Facts(m) + "\n")
	return b.String()
}

// own is a message as HTML; everything in it is escaped.
func own(m alerting.Message, failure string) string {
	var b strings.Builder
	b.WriteString(`<!DOCTYPE html><html><body style="font-family:sans-serif;max-width:44em"><p style="font-size:1.2em"><b>` + html.EscapeString(m.Summary) + "</b></p>")
	if failure != "" {
		b.WriteString("<p>" + html.EscapeString(failure) + "</p>")
	}
	b.WriteString("<p>")
	for _, l := range m.Links {
		if alerting.IsWeb(l.Href) {
			b.WriteString(`<a href="` + html.EscapeString(l.Href) + `">` + html.EscapeString(l.Text) + "</a> ")
		}
	}
	b.WriteString(`</p><table cellpadding="4">`)
	for _, d := range m.Details {
		b.WriteString("<tr><th align=left valign=top>" + html.EscapeString(d.Name) + "</th><td>" + html.EscapeString(d.Value) + "</td></tr>")
	}
	b.WriteString("</table></body></html>\n")
	return b.String()
}

// flat puts a text on one line, so that none of it becomes a header of its own.
func flat(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\r' || r == '\n' || r == 0 || r == '\t' }), " ")
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
