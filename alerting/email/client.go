package email

import (
	"context"
	"time"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"burnline/alerting/post"
)

// client returns what speaks to the server, with the secrets that it uses. They
// are read from their files each time.
func (s *Sender) client(ctx context.Context) (*mail.Client, []string, error) {
	c := s.config
	host, port, err := c.server()
	if err != nil {
		return nil, nil, err
	}
	tlsConfig, err := c.TLSConfig.Config()
	if err != nil {
		return nil, nil, err
	}
	if tlsConfig.ServerName == "" {
		tlsConfig.ServerName = host
	}
	policy := mail.TLSMandatory
	if c.RequireTLS != nil && !*c.RequireTLS {
		policy = mail.TLSOpportunistic
	}
	options := []mail.Option{mail.WithPort(port), mail.WithTimeout(remaining(ctx)), mail.WithTLSConfig(tlsConfig), mail.WithTLSPolicy(policy), mail.WithoutNoop()}
	if c.Hello != "" {
		options = append(options, mail.WithHELO(c.Hello))
	}
	if c.implicitTLS() {
		options = append(options, mail.WithSSL())
	}
	if s.o.Dial != nil {
		options = append(options, mail.WithDialContextFunc(s.o.Dial))
	}
	password, err := post.Read("auth_password", c.AuthPassword, c.AuthPasswordFile)
	if err != nil {
		return nil, nil, err
	}
	secret, err := post.Read("auth_secret", c.AuthSecret, c.AuthSecretFile)
	if err != nil {
		return nil, nil, err
	}
	client, err := mail.NewClient(host, append(options, c.auth(host, password, secret)...)...)
	return client, []string{password, secret}, err
}

// auth says how to sign in.
func (c Config) auth(host, password, secret string) []mail.Option {
	switch {
	case c.AuthUsername == "":
		return nil
	case secret != "":
		return []mail.Option{mail.WithUsername(c.AuthUsername), mail.WithPassword(secret), mail.WithSMTPAuth(mail.SMTPAuthCramMD5)}
	case c.AuthIdentity != "":
		return []mail.Option{mail.WithSMTPAuthCustom(smtp.PlainAuth(c.AuthIdentity, c.AuthUsername, password, host, false))}
	}
	return []mail.Option{mail.WithUsername(c.AuthUsername), mail.WithPassword(password),
		mail.WithOpportunisticSMTPAuth(mail.SMTPAuthPlain, mail.SMTPAuthLogin)}
}

// remaining is how long an attempt may still take.
func remaining(ctx context.Context) time.Duration {
	until, ok := ctx.Deadline()
	if !ok {
		return post.DefaultTimeout
	}
	return max(time.Millisecond, min(post.DefaultTimeout, time.Until(until)))
}
