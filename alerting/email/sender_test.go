package email_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crypto/tls"

	"burnline/alerting"
	"burnline/alerting/email"
	"burnline/alerting/post"
	"burnline/alerting/render"
	standin "burnline/internal/harness/smtp"
	"burnline/slo"
)

var noon = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// certificate is that of httptest for 127.0.0.1, with a file that vouches for it.
func certificate(t *testing.T) (*tls.Config, string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	t.Cleanup(server.Close)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: server.TLS.Certificates}, file
}

// pair returns a sender and the server that it mails to, which offers STARTTLS.
func pair(t *testing.T, o standin.Options, change ...func(*email.Config)) (*email.Sender, *standin.Server) {
	t.Helper()
	own, ca := certificate(t)
	o.TLS = own
	return plainPair(t, o, append([]func(*email.Config){func(c *email.Config) { c.TLSConfig = trusting(ca) }}, change...)...)
}

func trusting(ca string) *post.TLSConfig {
	c := new(post.TLSConfig)
	c.CAFile = ca
	return c
}

// plainPair is a pair whose server is made of its options alone.
func plainPair(t *testing.T, o standin.Options, change ...func(*email.Config)) (*email.Sender, *standin.Server) {
	t.Helper()
	server, err := standin.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	c := email.DefaultConfig()
	c.To, c.From, c.Smarthost = "ana@example.com", "Burnline <burnline@example.com>", server.Addr()
	for _, f := range change {
		f(&c)
	}
	templates, findings := render.Load(render.Options{})
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	s, err := email.New(c, email.Options{Now: func() time.Time { return noon }, Render: templates.Text, RenderHTML: templates.HTML})
	if err != nil {
		t.Fatal(err)
	}
	return s, server
}

// page is a row as the router writes it, with what must not become a header or HTML.
func page(a alerting.Action, seq int) alerting.Row {
	return alerting.Row{Key: "k1", Receiver: "mail", Integration: "email/0", Seq: seq, Action: a, Message: alerting.Message{
		Summary: "Buying <b>: 1 in 4\r\nBcc: eve@example.com requests fails.", Severity: slo.Page,
		Links:   []alerting.Link{{Text: "Incident", Href: "https://b.example.com/incidents/k1?a=1&b=2"}, {Text: "Bad", Href: "javascript:alert(1)"}},
		Details: []alerting.Detail{{Name: "team", Value: "<script>"}},
		Labels:  slo.NewLabels("alertname", "availability", "team", "payments\nBcc: eve@example.com"),
	}}
}

func send(t *testing.T, s *email.Sender, row alerting.Row) alerting.Result {
	t.Helper()
	r := s.Send(t.Context(), row)
	if strings.Contains(r.Answer, "s3cret") || strings.ContainsAny(r.Answer, "\n\r") || r.Answer == "" {
		t.Errorf("the answer shows a secret, is empty or has several lines: %q", r.Answer)
	}
	return r
}

// read takes a mail apart: its headers and its parts by type.
func read(t *testing.T, m standin.Mail) (mail.Header, map[string]string) {
	t.Helper()
	parsed, err := mail.ReadMessage(strings.NewReader(m.Data))
	if err != nil {
		t.Fatalf("%v in\n%s", err, m.Data)
	}
	kind, params, err := mime.ParseMediaType(parsed.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	if !strings.HasPrefix(kind, "multipart/") {
		parts[kind] = text(t, quotedprintable.NewReader(parsed.Body))
		return parsed.Header, parts
	}
	for r := multipart.NewReader(parsed.Body, params["boundary"]); ; {
		p, err := r.NextPart()
		if err == io.EOF {
			return parsed.Header, parts
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		parts[kind] = text(t, p) // multipart decodes quoted-printable itself
	}
}

func text(t *testing.T, r io.Reader) string {
	t.Helper()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")))
}

func TestTheMailsOfAnIncidentAreAThreadOverTLS(t *testing.T) {
	s, server := pair(t, standin.Options{}, func(c *email.Config) { c.To = "ana@example.com, Li <li@example.com>" })
	for i, a := range []alerting.Action{alerting.ActionTrigger, alerting.ActionTrigger, alerting.ActionUpdate, alerting.ActionResolve} {
		if r := send(t, s, page(a, max(1, i))); r.Verdict != alerting.VerdictAccepted || r.Answer != "250 2.0.0 Ok: queued" {
			t.Fatalf("%s: %+v", a, r)
		}
	}
	mails := server.Mails()
	first, parts := read(t, mails[0])
	again, _ := read(t, mails[1])
	second, _ := read(t, mails[2])
	last, _ := read(t, mails[3])
	id := first.Get("Message-Id")
	if !mails[0].Encrypted || strings.Join(mails[0].To, " ") != "ana@example.com li@example.com" || !strings.HasSuffix(id, "@example.com>") {
		t.Errorf("the mail is %+v", mails[0])
	}
	if again.Get("Message-Id") != id || first.Get("References") != "" {
		t.Errorf("a mail that is sent again has another name: %q and %q", id, again.Get("Message-Id"))
	}
	if second.Get("References") != id || second.Get("In-Reply-To") != id || last.Get("References") != id || last.Get("Message-Id") == second.Get("Message-Id") {
		t.Errorf("no thread of %s: %v, %v", id, second, last)
	}
	if got := first.Get("Subject"); got != "[PAGE] Buying <b>: 1 in 4 Bcc: eve@example.com requests fails." || first.Get("Bcc") != "" || first.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("the subject is %q, the headers %v", got, first)
	}
	if !strings.HasPrefix(last.Get("Subject"), "[over] ") {
		t.Errorf("the last subject is %q", last.Get("Subject"))
	}
	page := parts["text/html"]
	if !strings.Contains(page, "&lt;script&gt;") || strings.Contains(page, "<script>") || strings.Contains(page, "javascript:") || !strings.Contains(page, "k1?a=1&amp;b=2") {
		t.Errorf("the HTML is %s", page)
	}
	if got := parts["text/plain"]; !strings.Contains(got, "team: <script>") || !strings.Contains(got, "Incident: https://b.example.com/incidents/k1?a=1&b=2\n") {
		t.Errorf("the text is %s", got)
	}
}

func TestSigningIn(t *testing.T) {
	for _, c := range []struct {
		name, mechanism string
		change          func(*email.Config)
	}{
		{"PLAIN", "PLAIN", func(c *email.Config) { c.AuthPassword = "s3cret" }},
		{"PLAIN for somebody else", "PLAIN", func(c *email.Config) { c.AuthPassword, c.AuthIdentity = "s3cret", "other" }},
		{"LOGIN", "LOGIN", func(c *email.Config) { c.AuthPassword = "s3cret" }},
		{"CRAM-MD5", "CRAM-MD5", func(c *email.Config) { c.AuthSecret = "s3cret" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := standin.Options{Username: "burnline", Password: "s3cret", Mechanisms: []string{c.mechanism}}
			s, server := pair(t, o, func(conf *email.Config) { conf.AuthUsername = "burnline"; c.change(conf) })
			if r := send(t, s, page(alerting.ActionTrigger, 1)); r.Verdict != alerting.VerdictAccepted || server.Mails()[0].User != "burnline" {
				t.Errorf("got %+v", r)
			}
			o.Password = "another"
			s, _ = pair(t, o, func(conf *email.Config) { conf.AuthUsername = "burnline"; c.change(conf) })
			if r := send(t, s, page(alerting.ActionTrigger, 1)); r.Verdict != alerting.VerdictRefused || !strings.Contains(r.Answer, "the server does not take auth_username with this password") {
				t.Errorf("with a wrong password got %+v", r)
			}
		})
	}
}

func TestEncryptionIsRequiredUnlessSaidOtherwise(t *testing.T) {
	s, server := plainPair(t, standin.Options{})
	if r := send(t, s, page(alerting.ActionTrigger, 1)); r.Verdict != alerting.VerdictRetry || !strings.Contains(r.Answer, "offers no STARTTLS") || len(server.Mails()) != 0 {
		t.Errorf("got %+v", r)
	}
	off, on := false, true
	s, server = plainPair(t, standin.Options{}, func(c *email.Config) { c.RequireTLS = &off })
	if r := send(t, s, page(alerting.ActionTrigger, 1)); r.Verdict != alerting.VerdictAccepted || server.Mails()[0].Encrypted {
		t.Errorf("got %+v", r)
	}
	s, server = pair(t, standin.Options{Implicit: true}, func(c *email.Config) { c.ForceImplicitTLS = &on })
	if r := send(t, s, page(alerting.ActionTrigger, 1)); r.Verdict != alerting.VerdictAccepted || !server.Mails()[0].Encrypted {
		t.Errorf("TLS from the start: %+v", r)
	}
	s, _ = pair(t, standin.Options{}, func(c *email.Config) { c.TLSConfig = nil })
	if r := send(t, s, page(alerting.ActionTrigger, 1)); r.Verdict != alerting.VerdictRetry || !strings.Contains(r.Answer, "certificate") {
		t.Errorf("a certificate that nobody vouches for: %+v", r)
	}
}

func TestAnswers(t *testing.T) {
	accepted, retry, refused := alerting.VerdictAccepted, alerting.VerdictRetry, alerting.VerdictRefused
	const from, to = "MAIL FROM:<burnline@example.com> BODY=8BITMIME", "RCPT TO:<ana@example.com>"
	for _, c := range []struct {
		name, command, answer string
		want                  alerting.Verdict
		says                  string
	}{
		{"a mailbox that is unknown", to, "550 5.1.1 No such user", refused, "550 5.1.1 No such user"},
		{"greylisting", to, "451 4.7.1 Try again later", retry, "451 4.7.1 Try again later"},
		{"a sender that is not allowed", from, "553 5.7.1 Sender not allowed", refused, "553 5.7.1 Sender not allowed"},
		{"a full disk", ".", "452 4.3.1 Insufficient storage", retry, "452 4.3.1 Insufficient storage"},
		{"spam", ".", "554 5.7.1 Spam", refused, "554 5.7.1 Spam"},
		{"an end that fails after the mail was taken", "RSET", "421 4.3.0 Closing", accepted, "250 2.0.0 Ok: queued"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := pair(t, standin.Options{Refuse: map[string][]string{c.command: {c.answer}}})
			if r := send(t, s, page(alerting.ActionTrigger, 1)); r.Verdict != c.want || !strings.Contains(r.Answer, c.says) {
				t.Errorf("got %+v", r)
			}
		})
	}
}

func TestOneBadAddressDoesNotKeepTheMailFromTheOthers(t *testing.T) {
	s, server := pair(t, standin.Options{Refuse: map[string][]string{"RCPT TO:<gone@example.com>": {"550 5.1.1 No such user"}}},
		func(c *email.Config) { c.To = "gone@example.com, ana@example.com" })
	r := send(t, s, page(alerting.ActionTrigger, 1))
	if mails := server.Mails(); r.Verdict != alerting.VerdictAccepted || len(mails) != 1 || mails[0].To[0] != "ana@example.com" || !strings.Contains(r.Answer, "not taken for gone@example.com") {
		t.Errorf("got %+v, %+v", r, mails)
	}
}

func TestTheUsersHeadersAndTexts(t *testing.T) {
	s, server := pair(t, standin.Options{}, func(c *email.Config) {
		c.Headers = map[string]string{"subject": "{{ .Status }} ü", "X-Team": "{{ .CommonLabels.team }}"}
		c.HTML = `<p>{{ .CommonLabels.alertname }}</p>`
	})
	send(t, s, page(alerting.ActionTrigger, 1))
	h, parts := read(t, server.Mails()[0])
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil || subject != "firing ü" || h.Get("X-Team") != "payments Bcc: eve@example.com" || h.Get("Bcc") != "" || strings.TrimSpace(parts["text/html"]) != "<p>availability</p>" || parts["text/plain"] == "" {
		t.Errorf("headers %v, subject %q, parts %v", h, subject, parts)
	}
	s, server = pair(t, standin.Options{}, func(c *email.Config) { c.Text = "{{ .Status }}" })
	send(t, s, page(alerting.ActionTrigger, 1))
	if _, parts := read(t, server.Mails()[0]); strings.TrimSpace(parts["text/plain"]) != "firing" || parts["text/html"] != "" {
		t.Errorf("parts are %v", parts)
	}
}

func TestATemplateThatFailsCostsNoMailAndIsSaid(t *testing.T) {
	s, server := pair(t, standin.Options{}, func(c *email.Config) {
		c.Headers, c.HTML = map[string]string{"Subject": "{{ .Nothing }}"}, "{{ .Nothing }}"
	})
	r := send(t, s, page(alerting.ActionTrigger, 1))
	h, parts := read(t, server.Mails()[0])
	if r.Verdict != alerting.VerdictAccepted || r.TemplateErrors != 2 || !strings.HasPrefix(h.Get("Subject"), "[PAGE] Buying") {
		t.Errorf("got %+v, %v", r, h)
	}
	for _, part := range parts {
		if !strings.Contains(part, "A template of yours fails") {
			t.Errorf("it is not said in %s", part)
		}
	}
}

func TestASilentServerIsATimeOut(t *testing.T) {
	listen, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listen.Close() })
	s, err := email.New(email.Config{To: "a@example.com", From: "b@example.com", Smarthost: listen.Addr().String()}, email.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if r := s.Send(ctx, page(alerting.ActionTrigger, 1)); r.Verdict != alerting.VerdictRetry || !strings.HasSuffix(r.Answer, ": time-out") {
		t.Errorf("got %+v", r)
	}
}
