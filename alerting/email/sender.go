package email

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/alerting/render"
)

// Options are what a Sender needs beside its configuration; all may be zero.
type Options struct {
	// Now is the clock of the mails' dates; nil takes time.Now.
	Now func() time.Time
	// Render renders the user's templates and RenderHTML that of the HTML part; nil knows none.
	Render, RenderHTML render.Func
	// Dial opens connections; nil dials by TCP.
	Dial mail.DialContextFunc
	// Take is given each mail instead of a server; nil sends it.
	Take func(*mail.Msg)
}

// Sender mails rows to one list of people. It is safe for concurrent use.
type Sender struct {
	config Config
	o      Options
}

var _ alerting.Sender = (*Sender)(nil)

// New returns a sender, or what is wrong with the configuration.
func New(c Config, o Options) (*Sender, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sender{config: c, o: o}, nil
}

// Destination implements alerting.Sender: the server is the far end whose health counts.
func (s *Sender) Destination() alerting.Destination {
	return alerting.Destination{Name: "email/" + s.config.Smarthost}
}

// Send makes one attempt. A server that answers 5xx has refused the mail; everything else is
// tried again. Where it takes some recipients and not others, those it takes get the mail.
func (s *Sender) Send(ctx context.Context, row alerting.Row) alerting.Result {
	f := render.NewFields(s.o.Render, row)
	m, err := s.compose(row, f)
	if err != nil {
		return post.Refused(err.Error())
	}
	if s.o.Take != nil {
		s.o.Take(m)
		return alerting.Result{Verdict: alerting.VerdictAccepted, Answer: "taken", TemplateErrors: f.Errors()}
	}
	client, secrets, err := s.client(ctx)
	if err != nil {
		return post.Retry(err.Error()) // a file may be on its way to being replaced
	}
	result := s.deliver(ctx, client, m)
	result.Answer = post.Hide(result.Answer, secrets)
	result.TemplateErrors = f.Errors()
	return result
}

// deliver sends the mail to all, or to each who is taken.
func (s *Sender) deliver(ctx context.Context, client *mail.Client, m *mail.Msg) alerting.Result {
	conn, err := client.DialToSMTPClientWithContext(ctx)
	probe := post.ProbeOf(ctx)
	if err != nil {
		result := s.judge(err)
		if probe != nil {
			return probe.Add(post.Reached{Address: "smtp://" + s.config.Smarthost, Error: result.Answer})
		}
		return result
	}
	defer func() { _ = client.CloseWithSMTPClient(conn) }() // the answer to the mail is known by then
	if probe != nil {
		return probe.Add(post.Reached{Address: "smtp://" + s.config.Smarthost})
	}
	err = client.SendWithSMTPClient(conn, m)
	if m.IsDelivered() {
		return taken(m, "")
	}
	var refused *mail.SendError
	if to := m.GetTo(); errors.As(err, &refused) && refused.Reason == mail.ErrSMTPRcptTo && len(to) > 1 {
		return s.deliverEach(client, conn, m)
	}
	return s.judge(err)
}

// deliverEach sends the mail to one recipient after another.
func (s *Sender) deliverEach(client *mail.Client, conn *smtp.Client, m *mail.Msg) alerting.Result {
	var last alerting.Result
	var missed []string
	ok := false
	for _, to := range m.GetTo() {
		m.ToMailAddress(to)
		if err := client.SendWithSMTPClient(conn, m); err != nil {
			missed = append(missed, to.Address)
			last = s.judge(err)
			continue
		}
		ok = true
	}
	if !ok {
		return last
	}
	return taken(m, "; not taken for "+strings.Join(missed, ", ")+": "+last.Answer)
}

// taken is the result of a mail that the server has.
func taken(m *mail.Msg, but string) alerting.Result {
	return alerting.Result{Verdict: alerting.VerdictAccepted, Answer: post.OneLine(strings.TrimSpace("250 " + m.ServerResponse() + but))}
}

// judge says what an error means: the code that the server gave, wherever it stands.
func (s *Sender) judge(err error) alerting.Result {
	var sent *mail.SendError
	var text *textproto.Error
	code := 0
	switch {
	case errors.As(err, &sent) && sent.ErrorCode() != 0:
		code = sent.ErrorCode()
	case errors.As(err, &text):
		code = text.Code
	}
	said, _, _ := strings.Cut(post.Cause(err), ", affected ") // the row knows recipient and incident
	said = strings.ReplaceAll(said, `"`, "")
	switch {
	case code == 0 && strings.Contains(said, "does not support STARTTLS"):
		return post.Retry(fmt.Sprintf("%s offers no STARTTLS, so the mail would leave unencrypted; use another port, or require_tls: false on this host", s.config.Smarthost))
	case code == 0:
		return post.Retry("no answer from " + s.config.Smarthost + ": " + said)
	case code == 534 || code == 535 || code == 538:
		return post.Refused(said + "; the server does not take auth_username with this password: put it right and reload")
	case code >= 500:
		return post.Refused(said)
	}
	return post.Retry(said)
}
