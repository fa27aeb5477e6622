package email_test

import (
	"fmt"
	"strings"
	"testing"

	"burnline/alerting/email"
	"burnline/internal/yamlconf"
)

func TestAConfigurationSaysWhatIsWrongWithoutItsSecrets(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*email.Config)
		want   string
	}{
		{"complete", func(*email.Config) {}, ""},
		{"a template for a list", func(c *email.Config) { c.To = "{{ .CommonLabels.mail }}" }, ""},
		{"no list of addresses", func(c *email.Config) { c.To = "ana, li" }, "to is no list of addresses; write to: ana@example.com, li@example.com"},
		{"no port", func(c *email.Config) { c.Smarthost = "mail" }, "smarthost is no host and port; write smarthost: smtp.example.com:587"},
		{"a password without a name", func(c *email.Config) { c.AuthPassword = "s3cret" }, "auth_username is missing; write it beside the password"},
		{"a name without a password", func(c *email.Config) { c.AuthUsername = "me" }, "auth_password is missing; write auth_password_file: /path/to/password"},
		{"a header within a header", func(c *email.Config) { c.Headers = map[string]string{"X-A:\r\nBcc": "eve"} }, `headers: "X-A:\r\nBcc" is no name of a header; write one such as X-Team`},
		{"a header twice", func(c *email.Config) { c.Headers = map[string]string{"subject": "a", "Subject": "b"} }, "headers: Subject is set twice; keep one"},
		{"who gets it, in two places", func(c *email.Config) { c.Headers = map[string]string{"To": "eve"} }, "headers: To says who gets or sends the mail; write to and from instead"},
		{"all at once", func(c *email.Config) { c.To, c.From, c.HTML = "", "", "{{ if }}" },
			"to is missing; write to: oncall@example.com\nfrom is missing; write from: burnline@example.com\nhtml is no template: missing value for if"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := email.DefaultConfig()
			config.To, config.From, config.Smarthost = "ana@example.com", "b@example.com", "mail.example.com:587"
			c.change(&config)
			got := ""
			if err := config.Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if s := fmt.Sprintf("%v %+v %#v", config, config, config) + got; strings.Contains(s, "s3cret") {
				t.Errorf("the secret is shown: %q", s)
			}
		})
	}
}

func TestATLSConfigIsReadStrictly(t *testing.T) {
	var c email.Config
	if _, findings := yamlconf.Decode([]byte("tls_config: {ca_file: /ca, insecure_skip_verify: true}"), &c, yamlconf.Options{}); len(findings) > 0 || c.TLSConfig.CAFile != "/ca" || !c.TLSConfig.InsecureSkipVerify {
		t.Errorf("%+v, %v", c.TLSConfig, findings)
	}
	if _, findings := yamlconf.Decode([]byte("tls_config: {nosuch: true}"), &c, yamlconf.Options{}); len(findings) != 1 || !strings.Contains(findings.Error(), "nosuch") {
		t.Errorf("got %v", findings)
	}
}

func TestWhatMakesMailsUnsafeOrHasNoEffectIsSaid(t *testing.T) {
	off := false
	a := email.Config{RequireTLS: &off, Threading: &email.Threading{Enabled: true, ThreadByDate: "daily"}}.Advice()
	if len(a) != 2 || a[0].Path != "threading.thread_by_date" || a[1].Path != "require_tls" {
		t.Errorf("advice is %+v", a)
	}
}
