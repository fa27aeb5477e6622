package alertconf

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestGlobalSettingsHoldWhereReceiversSayNothing(t *testing.T) {
	f, findings := whole(t, `
global:
  smtp_smarthost: mail:587
  smtp_from: burnline@example.com
  smtp_auth_username: burnline
  smtp_auth_password: s3cret
  smtp_require_tls: no
  slack_app_token: xoxb-s3cret
  opsgenie_api_key: s3cret
  opsgenie_api_url: https://api.eu.opsgenie.com/
route: {receiver: all, group_by: []}
receivers:
  - name: all
    email_configs:
      - {to: a@example.com, require_tls: true}
      - {to: b@example.com, from: ops@example.com, smarthost: 'other:465', auth_username: me, auth_password: mine}
    slack_configs:
      - {channel: '#a'}
      - {channel: '#b', api_url: 'https://hooks.slack.com/services/s3cret'}
      - {channel: '#c', app_token: xoxb-mine}
    opsgenie_configs: [{}, {api_key: mine, api_url: 'https://opsgenie.internal/'}]
    msteamsv2_configs: [{webhook_url: 'https://teams.example.com/s3cret'}]
`)
	if findings != "" {
		t.Fatalf("findings: %s", findings)
	}
	e, s, o := f.Receivers[0].Email, f.Receivers[0].Slack, f.Receivers[0].Opsgenie
	for _, c := range []struct{ sentence, got, want string }{
		{"the server", e[0].Smarthost + " " + e[1].Smarthost, "mail:587 other:465"},
		{"the sender", e[0].From + " " + e[1].From, "burnline@example.com ops@example.com"},
		{"who signs in", e[0].AuthUsername + ":" + string(e[0].AuthPassword) + " " + e[1].AuthUsername + ":" + string(e[1].AuthPassword), "burnline:s3cret me:mine"},
		{"whether TLS is needed", fmt.Sprint(*e[0].RequireTLS, *e[1].RequireTLS), "true false"},
		{"a token, where there is no address", string(s[0].AppToken + " " + s[1].AppToken + " " + s[2].AppToken), "xoxb-s3cret  xoxb-mine"},
		{"an address, where there is no token", string(s[0].APIURL + " " + s[1].APIURL + " " + s[2].APIURL), " https://hooks.slack.com/services/s3cret "},
		{"Opsgenie's key and API", string(o[0].APIKey) + " " + o[0].APIURL + " " + string(o[1].APIKey) + " " + o[1].APIURL,
			"s3cret https://api.eu.opsgenie.com/ mine https://opsgenie.internal/"},
		{"Slack's API", s[0].AppURL, "https://slack.com/api/chat.postMessage"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.sentence, c.got, c.want)
		}
	}
	built, err := f.Build(Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, in := range built.Config.Receivers[0].Integrations {
		names = append(names, fmt.Sprintf("%s:%t", in.Name, in.SkipResolved))
		if built.Senders[Target{"all", in.Name}] == nil {
			t.Errorf("%s has no sender", in.Name)
		}
	}
	if got, want := strings.Join(names, " "), "slack/0:false slack/1:true slack/2:false msteamsv2/0:false opsgenie/0:false opsgenie/1:false email/0:true email/1:true"; got != want {
		t.Errorf("the integrations are %s, want %s", got, want)
	}
}

func TestSettingsThatExcludeEachOther(t *testing.T) {
	_, got := whole(t, `
global:
  smtp_auth_password: a
  smtp_auth_password_file: b
  slack_api_url: https://hooks.slack.com/x
  slack_app_token: t
  pagerduty_url: events
route: {receiver: a, group_by: []}
receivers: [{name: a, webhook_configs: [{url: 'http://hook'}]}]
`)
	want := "3: global.smtp_auth_password_file: smtp_auth_password is given too; keep one\n" +
		"4: global.slack_api_url: slack_app_token is given too; keep the token to have messages edited, or the address of an incoming webhook\n" +
		"6: global.pagerduty_url: it is no web address; write one such as https://events.pagerduty.com/v2/enqueue"
	if got != want {
		t.Errorf("findings:\n%s\nwant:\n%s", got, want)
	}
}
