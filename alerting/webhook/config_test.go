package webhook_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/alerting/webhook"
	"burnline/internal/yamlconf"
)

func TestAConfigurationSaysWhatIsWrongWithoutItsSecrets(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*webhook.Config)
		want   string
	}{
		{"complete", func(*webhook.Config) {}, ""},
		{"no address", func(c *webhook.Config) { c.URL = "" }, "url is missing; write url: https://hooks.example.com/burnline, or url_file"},
		{"two addresses", func(c *webhook.Config) { c.URLFile = "/x" }, "url and url_file are both set; keep one"},
		{"a file that is missing", func(c *webhook.Config) { c.URL, c.URLFile = "", "/nowhere/url" }, "read url_file: open /nowhere/url: no such file or directory"},
		{"no address of the web", func(c *webhook.Config) { c.URL = "ftp://s3cret" }, "url is not a web address; write https://hooks.example.com/burnline"},
		{"a template is judged when it is rendered", func(c *webhook.Config) { c.URL = "{{ .CommonLabels.hook }}" }, ""},
		{"all at once", func(c *webhook.Config) { c.URL, c.Timeout, c.HMACSecretFile = "s3cret", -time.Second, "/dev/zero" },
			"url is not a web address; write https://hooks.example.com/burnline\nread hmac_secret_file: /dev/zero is no small file that holds a key\ntimeout is -1s; leave it out, or write one of up to 5s"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := webhook.DefaultConfig()
			config.URL = "https://h.example.com/s3cret"
			c.change(&config)
			got := ""
			if err := config.Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			for _, format := range []string{"%v", "%+v", "%#v"} {
				if s := fmt.Sprintf(format, config); strings.Contains(s, "s3cret") && !strings.Contains(s, "hmac_secret") {
					t.Errorf("%s prints %q", format, s)
				}
			}
		})
	}
}

func TestATimeoutBeyondAnAttemptIsSaid(t *testing.T) {
	c := webhook.Config{Timeout: time.Minute}
	if a := c.Advice(); len(a) != 1 || a[0].Path != "timeout" || a[0].Message != "an attempt to send ends after 5s at the latest, so 1m has no effect" {
		t.Errorf("advice is %+v", a)
	}
	if a := (webhook.Config{Timeout: time.Second}).Advice(); len(a) != 0 {
		t.Errorf("advice is %+v", a)
	}
}

func TestAnHTTPConfigIsReadStrictlyAndSaysNoSecret(t *testing.T) {
	for file, want := range map[string]string{
		"http_config:\n  basic_auth: {usernam: me}":                       `f.yaml:2: http_config.basic_auth.usernam: unknown key "usernam"; did you mean username?`,
		"http_config: {authorization: s3cret}":                            "f.yaml:1: http_config.authorization: expected keys and values, found a single value",
		"http_config: {proxy_url: 'http://me:s3cret@[::'}":                "f.yaml:1: http_config.proxy_url: it is no web address",
		"http_config: {tls_config: {min_version: TLS9}}":                  "f.yaml:1: http_config.tls_config.min_version: unknown TLS version",
		"http_config: {basic_auth: {username: me}, bearer_token: s3cret}": "f.yaml:1: http_config: at most one of basic_auth, oauth2, bearer_token",
	} {
		var c webhook.Config
		_, findings := yamlconf.Decode([]byte(file), &c, yamlconf.Options{File: "f.yaml"})
		if got := findings.Error(); !strings.HasPrefix(got, want) || strings.Contains(got, "s3cret") || len(findings) != 1 {
			t.Errorf("%s: %v", file, findings)
		}
	}
}
