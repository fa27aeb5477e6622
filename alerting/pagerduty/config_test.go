package pagerduty

import (
	"fmt"
	"strings"
	"testing"
)

func TestAConfigurationSaysWhatIsWrongWithoutItsSecret(t *testing.T) {
	good := strings.Repeat("k", 32)
	for _, c := range []struct {
		name   string
		change func(*Config)
		want   string
	}{
		{"complete", func(*Config) {}, ""},
		{"no key", func(c *Config) { c.RoutingKey = "" }, "routing_key is missing; give routing_key_file"},
		{"two keys", func(c *Config) { c.RoutingKeyFile = "/x" }, "routing_key and routing_key_file are both set; keep one"},
		{"too short", func(c *Config) { c.RoutingKey = "s3cret" }, "routing_key holds 6 characters, a PagerDuty integration key has 32"},
		{"a variable that was not expanded", func(c *Config) { c.RoutingKey = strings.Repeat("$s3cret$", 4) }, "routing_key holds something other than letters and digits"},
		{"a file without end", func(c *Config) { c.RoutingKey, c.RoutingKeyFile = "", "/dev/zero" }, "read routing_key_file: /dev/zero is no small file that holds a key"},
		{"a file that is missing", func(c *Config) { c.RoutingKey, c.RoutingKeyFile = "", "/nowhere/key" }, "read routing_key_file: open /nowhere/key: no such file"},
		{"no address", func(c *Config) { c.URL = "" }, "url is not a web address; write https://events.pagerduty.com/v2/enqueue"},
		{"another scheme", func(c *Config) { c.URL = "ftp://s3cret@host/" }, "url is not a web address"},
		{"a password", func(c *Config) { c.URL = "https://me:s3cret@host/" }, "url carries a user or password"},
		{"all at once", func(c *Config) { c.RoutingKey, c.URL = "", "" }, "routing_key is missing; give routing_key_file: /path/to/key (in PagerDuty: Service, Integrations, Events API v2, Integration Key)\nurl is not"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := DefaultConfig()
			config.RoutingKey = good
			c.change(&config)
			got := ""
			if err := config.Validate(); err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if strings.Contains(got, "s3cret") {
				t.Errorf("the secret is shown: %q", got)
			}
		})
	}
}

func TestAPrintedConfigurationHidesItsKey(t *testing.T) {
	c := DefaultConfig()
	c.RoutingKey = strings.Repeat("k", 32)
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if s := fmt.Sprintf(format, c); strings.Contains(s, "kkk") {
			t.Errorf("%s prints %q", format, s)
		}
	}
}
