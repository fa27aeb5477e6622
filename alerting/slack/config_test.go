package slack_test

import (
	"fmt"
	"strings"
	"testing"

	"burnline/alerting/post"
	"burnline/alerting/slack"
)

func TestAConfigurationSaysWhatIsWrongWithoutItsSecrets(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*slack.Config)
		want   string
	}{
		{"a bot", func(*slack.Config) {}, ""},
		{"a webhook", func(c *slack.Config) {
			c.AppToken, c.Channel, c.APIURL = "", "", "https://hooks.slack.com/services/s3cret"
		}, ""},
		{"neither", func(c *slack.Config) { c.AppToken = "" }, "neither app_token nor api_url is set; write app_token_file"},
		{"both", func(c *slack.Config) { c.APIURL = "https://hooks.slack.com/services/s3cret" }, "app_token and api_url are both set; keep the token"},
		{"token and file", func(c *slack.Config) { c.AppTokenFile = "/x" }, "app_token and app_token_file are both set; keep one"},
		{"no channel", func(c *slack.Config) { c.Channel = "" }, "channel is missing; write channel: C0123456789"},
		{"no address", func(c *slack.Config) { c.AppURL = "https://slack.com/api" }, "app_url is not the address of chat.postMessage"},
		{"all at once", func(c *slack.Config) { c.Channel, c.Title, c.Fields = "", "{{ if }}", []slack.Field{{Title: "a"}} },
			"channel is missing; write channel: C0123456789, or '#incidents', and invite the bot there\ntitle is no template: missing value for if\nfields[0] lacks its title or its value; write both"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := slack.Config{AppURL: slack.DefaultAppURL}
			config.AppToken, config.Channel = "xoxb-s3cret", "C1"
			c.change(&config)
			got := ""
			if err := config.Validate(); err != nil {
				got = err.Error()
			}
			if !strings.HasPrefix(got, c.want) || (c.want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, c.want)
			}
			for _, format := range []string{"%v", "%+v", "%#v"} {
				if s := fmt.Sprintf(format, config) + got; strings.Contains(s, "s3cret") {
					t.Errorf("%s prints %q", format, s)
				}
			}
		})
	}
}

func TestABotOfAlertmanagersOlderFormIsABot(t *testing.T) {
	c := slack.Config{APIURL: post.Secret(slack.DefaultAppURL), Channel: "C1"}
	if !c.Bot() || c.SkipResolved() || c.Validate() != nil {
		t.Errorf("bot %v, skips %v, %v", c.Bot(), c.SkipResolved(), c.Validate())
	}
	if hook := (slack.Config{APIURL: "https://hooks.slack.com/x"}); hook.Bot() || !hook.SkipResolved() {
		t.Error("a webhook is taken for a bot")
	}
}

func TestWhatHasNoEffectIsSaid(t *testing.T) {
	c := slack.Config{CallbackID: "a", MrkdwnIn: []string{"text"}, Actions: []slack.Action{{Text: "b", Name: "c"}}, APIURL: "https://h/", SigningSecret: "s"}
	var paths []string
	for _, f := range c.Advice() {
		paths = append(paths, f.Path)
	}
	if got := strings.Join(paths, " "); got != "callback_id mrkdwn_in actions[0] signing_secret" {
		t.Errorf("advice on %s", got)
	}
}
