package email

import (
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"burnline/alerting/post"
	"burnline/alerting/render"
	"burnline/slo"
)

// Config is one list of people to mail, with Alertmanager's keys. Subject, headers and bodies are
// templates; what is left out is Burnline's own.
type Config struct {
	// SendResolved tells of the end of incidents too; nil is false, as with Alertmanager.
	SendResolved *bool `yaml:"send_resolved"`
	// To and From are addresses; To may hold several, with commas between them.
	To   string `yaml:"to"`
	From string `yaml:"from"`
	// Smarthost is the SMTP server, as host:port; Hello what it is greeted with, default localhost.
	Smarthost string `yaml:"smarthost"`
	Hello     string `yaml:"hello"`
	// AuthUsername signs in with AuthPassword (PLAIN, or LOGIN where the server has only that) or AuthSecret (CRAM-MD5);
	// AuthIdentity is whom PLAIN acts for, where it is somebody else.
	AuthUsername     string      `yaml:"auth_username"`
	AuthPassword     post.Secret `yaml:"auth_password"`
	AuthPasswordFile string      `yaml:"auth_password_file"`
	AuthSecret       post.Secret `yaml:"auth_secret"`
	AuthSecretFile   string      `yaml:"auth_secret_file"`
	AuthIdentity     string      `yaml:"auth_identity"`
	// Headers are added to each mail, Subject among them.
	Headers map[string]string `yaml:"headers"`
	HTML    string            `yaml:"html"`
	Text    string            `yaml:"text"`
	// RequireTLS refuses to send without STARTTLS; nil is true.
	RequireTLS *bool           `yaml:"require_tls"`
	TLSConfig  *post.TLSConfig `yaml:"tls_config"`
	// ForceImplicitTLS speaks TLS from the start; nil does so on port 465.
	ForceImplicitTLS *bool      `yaml:"force_implicit_tls"`
	Threading        *Threading `yaml:"threading"`
}

// Threading says whether the mails of an incident are one thread; they are unless Enabled is false.
type Threading struct {
	Enabled      bool   `yaml:"enabled"`
	ThreadByDate string `yaml:"thread_by_date"`
}

// DefaultConfig returns a configuration without addresses and server.
func DefaultConfig() Config { return Config{Hello: "localhost"} }

// SkipResolved reports whether the end of incidents is left out.
func (c Config) SkipResolved() bool { return c.SendResolved == nil || !*c.SendResolved }

// Files are the paths that may be relative to the configuration's folder.
func (c *Config) Files() []*string {
	files := []*string{&c.AuthPasswordFile, &c.AuthSecretFile}
	if t := c.TLSConfig; t != nil {
		files = append(files, &t.CAFile, &t.CertFile, &t.KeyFile)
	}
	return files
}

// Validate reports everything that is wrong at once, joined, without showing secrets.
func (c Config) Validate() error {
	var errs []error
	add := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if c.To == "" {
		add("to is missing; write to: oncall@example.com")
	} else if _, err := mail.ParseAddressList(c.To); err != nil && !strings.Contains(c.To, "{{") {
		add("to is no list of addresses; write to: ana@example.com, li@example.com")
	}
	if c.From == "" {
		add("from is missing; write from: burnline@example.com")
	} else if _, err := mail.ParseAddress(c.From); err != nil && !strings.Contains(c.From, "{{") {
		add("from is no address; write from: burnline@example.com")
	}
	if _, _, err := c.server(); err != nil {
		errs = append(errs, err)
	}
	if strings.ContainsAny(c.Hello, " \r\n") {
		add("hello is no name of a host; leave it out")
	}
	errs = append(errs, c.validateAuth()...)
	errs = append(errs, c.validateHeaders()...)
	if _, err := c.TLSConfig.Config(); err != nil {
		errs = append(errs, err)
	}
	for _, t := range [][2]string{{"to", c.To}, {"from", c.From}, {"html", c.HTML}, {"text", c.Text}} {
		if err := render.Syntax(t[0], t[1]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// validateAuth checks what signs in.
func (c Config) validateAuth() []error {
	var errs []error
	password, err := post.Read("auth_password", c.AuthPassword, c.AuthPasswordFile)
	if err != nil {
		errs = append(errs, err)
	}
	secret, err := post.Read("auth_secret", c.AuthSecret, c.AuthSecretFile)
	if err != nil {
		errs = append(errs, err)
	}
	if c.AuthUsername == "" && (password != "" || secret != "") {
		errs = append(errs, errors.New("auth_username is missing; write it beside the password"))
	}
	if c.AuthUsername != "" && password == "" && secret == "" && c.AuthPasswordFile == "" && c.AuthSecretFile == "" {
		errs = append(errs, errors.New("auth_password is missing; write auth_password_file: /path/to/password"))
	}
	return errs
}

// validateHeaders checks that names are names of headers, that none occurs twice, and that none is set elsewhere.
func (c Config) validateHeaders() []error {
	var errs []error
	seen := map[string]bool{}
	for _, name := range sortedKeys(c.Headers) {
		canonical := textproto.CanonicalMIMEHeaderKey(name)
		switch {
		case !isHeader(name):
			errs = append(errs, fmt.Errorf("headers: %q is no name of a header; write one such as X-Team", name))
		case seen[canonical]:
			errs = append(errs, fmt.Errorf("headers: %s is set twice; keep one", canonical))
		case slices.Contains([]string{"To", "From", "Cc", "Bcc", "Sender"}, canonical):
			errs = append(errs, fmt.Errorf("headers: %s says who gets or sends the mail; write to and from instead", canonical))
		case c.threads() && slices.Contains([]string{"References", "In-Reply-To", "Message-Id"}, canonical):
			errs = append(errs, fmt.Errorf("headers: %s makes the thread of the incident; leave it out, or write threading: {enabled: false}", canonical))
		case slices.Contains([]string{"Content-Type", "Content-Transfer-Encoding", "Mime-Version"}, canonical):
			errs = append(errs, fmt.Errorf("headers: %s belongs to the form of the mail; leave it out", canonical))
		}
		seen[canonical] = true
		if err := render.Syntax("headers."+canonical, c.Headers[name]); err != nil {
			errs = append(errs, err)
		}
	}
	if t := c.Threading; t != nil && t.Enabled && !slices.Contains([]string{"", "none", "daily"}, t.ThreadByDate) {
		errs = append(errs, errors.New("threading.thread_by_date is neither none nor daily; leave it out"))
	}
	return errs
}

// Advice is what may be said of a configuration that works; paths are relative to it.
func (c Config) Advice() slo.Findings {
	var findings slo.Findings
	if t := c.Threading; t != nil && t.ThreadByDate == "daily" {
		findings = append(findings, slo.Finding{Path: "threading.thread_by_date", Level: slo.LevelWarning,
			Message: "a thread is an incident here, so days have no effect", Instead: "leave it out"})
	}
	if c.RequireTLS != nil && !*c.RequireTLS && !c.implicitTLS() {
		findings = append(findings, slo.Finding{Path: "require_tls", Level: slo.LevelWarning,
			Message: "mails may leave unencrypted, and anybody on the way can read and change them", Instead: "leave it out, unless the server is this host"})
	}
	return findings
}

// server is the host and port of the SMTP server.
func (c Config) server() (string, int, error) {
	host, port, err := net.SplitHostPort(c.Smarthost)
	n, e := strconv.ParseUint(port, 10, 16)
	if c.Smarthost == "" || err != nil || host == "" || e != nil || n == 0 {
		return "", 0, errors.New("smarthost is no host and port; write smarthost: smtp.example.com:587")
	}
	return host, int(n), nil
}

// implicitTLS reports whether TLS is spoken from the start.
func (c Config) implicitTLS() bool {
	if c.ForceImplicitTLS != nil {
		return *c.ForceImplicitTLS
	}
	_, port, _ := net.SplitHostPort(c.Smarthost)
	return port == "465"
}

// threads reports whether the mails of an incident are one thread.
func (c Config) threads() bool { return c.Threading == nil || c.Threading.Enabled }

// isHeader reports whether a text may be the name of a header.
func isHeader(name string) bool {
	for _, r := range name {
		if r <= ' ' || r >= 0x7f || r == ':' {
			return false
		}
	}
	return name != ""
}
