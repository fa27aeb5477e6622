package alertconf

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/internal/yamlconf"
	"burnline/slo"
)

const key32 = "0123456789abcdef0123456789abcdef"

// inline reads text as what stands under alerting in burnline.yaml.
func inline(t *testing.T, text string) (Config, string) {
	t.Helper()
	var into struct {
		Alerting Config `yaml:"alerting"`
	}
	into.Alerting = DefaultConfig()
	text = "alerting:\n" + "  " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n  ") + "\n"
	doc, findings := yamlconf.Decode([]byte(text), &into, yamlconf.Options{File: "f.yaml", Defaults: Defaults()})
	findings = into.Alerting.Finish(doc, findings, t.TempDir())
	return into.Alerting, strings.ReplaceAll(findings.Error(), "f.yaml:", "")
}

// whole reads text as a file of Alertmanager's.
func whole(t *testing.T, text string) (File, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "am.yml")
	if err := os.WriteFile(path, []byte(strings.TrimSpace(text)), 0o600); err != nil {
		t.Fatal(err)
	}
	f, findings, err := ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return f, strings.ReplaceAll(findings.Error(), path+":", "")
}

// tree prints a routing tree, one route a line.
func (f *File) tree() string {
	var b strings.Builder
	printRoute(&b, f.routes(), "")
	return b.String()
}

func printRoute(b *strings.Builder, r alerting.Route, indent string) {
	fmt.Fprintf(b, "%s%s {%s} by %v each=%t %s %s mute=%v active=%v continue=%t line %d\n", indent, r.Receiver, list(r.Matchers),
		r.GroupBy.Labels, r.GroupBy.Each, slo.FormatDuration(r.GroupInterval), slo.FormatDuration(r.RepeatInterval), r.Mute, r.Active, r.Continue, r.Source.Line)
	for _, child := range r.Routes {
		printRoute(b, child, indent+"  ")
	}
}

func TestRoutesInheritWhatTheyDoNotSay(t *testing.T) {
	f, findings := whole(t, `
route:
  receiver: ops
  group_by: [alertname]
  routes:
    - matchers: [team="web"]
      group_interval: 1m
      repeat_interval: 1h
      mute_time_intervals: [nights]
      routes:
        - match: {severity: page}
          match_re: {env: "prod|live"}
          matchers: ['{zone!="b", rack!~"r[0-9]"}']
          receiver: web
          group_by: ['...']
          routes:
            - group_by: []
    - matchers: [team=db]
      group_by: [cluster]
      active_time_intervals: [days]
      continue: yes
      receiver: db
receivers:
  - {name: ops, webhook_configs: [&hook {url: 'http://hook'}]}
  - {name: web, webhook_configs: [*hook]}
  - {name: db, webhook_configs: [*hook]}
time_intervals:
  - {name: days, time_intervals: [{weekdays: ['monday:friday'], times: [{start_time: 08:00, end_time: 18:00}], location: Europe/Berlin}]}
mute_time_intervals:
  - name: nights
    time_intervals: [{times: [{start_time: '00:00', end_time: '06:00'}]}]
`)
	if findings != "" {
		t.Errorf("findings: %s", findings)
	}
	want := `
ops {} by [alertname] each=false 5m 4h mute=[] active=[] continue=false line 1
  ops {team="web"} by [alertname] each=false 1m 1h mute=[nights] active=[] continue=false line 5
    web {env=~"prod|live", rack!~"r[0-9]", severity="page", zone!="b"} by [] each=true 1m 1h mute=[] active=[] continue=false line 10
      web {} by [] each=false 1m 1h mute=[] active=[] continue=false line 16
  db {team="db"} by [cluster] each=false 5m 4h mute=[] active=[days] continue=true line 17
`
	if got := f.tree(); got != want[1:] {
		t.Errorf("the tree is\n%swant\n%s", got, want[1:])
	}
	built, err := f.Build(Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	night := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	if days := built.Config.Intervals["days"]; len(days) != 1 || days[0].ContainsTime(night) || !days[0].ContainsTime(night.Add(6*time.Hour)) {
		t.Errorf("the interval days is %v", days)
	}
	if nights := built.Config.Intervals["nights"]; len(nights) != 1 || !nights[0].ContainsTime(night) {
		t.Errorf("the interval nights is %v", nights)
	}
}

func TestWhatIsWrongIsSaidWithItsLine(t *testing.T) {
	const receivers = "\nreceivers: [{name: a, webhook_configs: [{url: 'http://hook'}]}]"
	for _, c := range []struct{ sentence, text, says string }{
		{"a root without a receiver", "route: {group_by: [x]}" + receivers,
			"1: route.receiver: the root of the routing tree names no receiver; write the one for what no other route takes"},
		{"a root with matchers", "route:\n  receiver: a\n  group_by: []\n  matchers: [a=b]" + receivers,
			"1: route: the root takes every alert, so it has no matchers; put them into a route under routes"},
		{"a root that continues", "route: {receiver: a, group_by: [], continue: true}" + receivers, "1: route.continue: nothing comes after the root; remove it"},
		{"a root that is muted", "route: {receiver: a, group_by: [], mute_time_intervals: [x]}\ntime_intervals: [{name: x, time_intervals: [{years: ['2026']}]}]" + receivers,
			"1: route.mute_time_intervals: the root can't be muted; put it into a route under routes, one without matchers for everything"},
		{"an unknown receiver", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - matchers: [a=b]\n      receiver: z" + receivers,
			`6: route.routes[0].receiver: there is no receiver "z"; write the name of one under receivers`},
		{"an unknown interval", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - matchers: [a=b]\n      active_time_intervals:\n        - z" + receivers,
			`7: route.routes[0].active_time_intervals[0]: there is no time interval "z"; write the name of one under time_intervals`},
		{"a group that is everything and more", "route:\n  receiver: a\n  group_by:\n    - '...'\n    - a" + receivers,
			"4: route.group_by[0]: ... stands for all labels, and others are named too; write group_by: ['...'] alone, or only labels"},
		{"a label named twice", "route: {receiver: a, group_by: [x, x]}" + receivers, `1: route.group_by[1]: the label "x" is named twice; name it once`},
		{"an empty label", "route: {receiver: a, group_by: ['']}" + receivers, `1: route.group_by[0]: "" is no name of a label; write the name of a label`},
		{"intervals of zero", "route: {receiver: a, group_by: [], group_interval: 0s}" + receivers,
			"1: route.group_interval: it is zero; write a duration such as 5m, or leave it out"},
		{"a bad regular expression", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - match_re:\n        a: '('" + receivers,
			"6: route.routes[0].match_re.a: it is no regular expression: error parsing regexp: missing closing ): `^(?:()$`; write one of RE2's, which matches the whole value"},
		{"a regular expression that is missing", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - match_re:\n        a:" + receivers,
			`6: route.routes[0].match_re.a: the regular expression is missing; write one such as "a|b"`},
		{"a bad matcher", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - matchers:\n        - a=b\n        - nonsense" + receivers,
			`7: route.routes[0].matchers[1]: bad matcher format: nonsense; write it as label="value", label!="value", label=~"a|b" or label!~"a|b"`},
		{"a matcher of the older syntax", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - matchers: ['a=b c']" + receivers,
			`5: route.routes[0].matchers[0]: warning: only Alertmanager's older syntax can read it; write a="b c"`},
		{"a matcher that is read differently", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - matchers: ['a=\"\\xf0\\x9f\\x99\\x82\"']" + receivers,
			`5: route.routes[0].matchers[0]: warning: Alertmanager's two syntaxes read it differently; it is read in the older one; write a="\\xf0\\x9f\\x99\\x82"`},
		{"a route that nothing gets to", "route:\n  receiver: a\n  group_by: []\n  routes:\n    - receiver: a\n    - matchers: [a=b]" + receivers,
			"6: route.routes[1]: warning: nothing gets here: the route on line 5 before it has no matchers and takes everything; write continue: true there, or move it to the end"},
		{"a receiver without a name", "route: {receiver: a, group_by: []}" + receivers[:len(receivers)-1] + ",\n  {webhook_configs: [{url: 'http://hook'}]}]",
			"3: receivers[1].name: the receiver has no name; write a name such as oncall"},
		{"receivers of one name", "route: {receiver: a, group_by: []}\nreceivers:\n  - name: a\n    webhook_configs: [{url: 'http://hook'}]\n  - name: a\n    webhook_configs: [{url: 'http://hook'}]",
			`5: receivers[1].name: there is a receiver "a" already; give it another name, or join the two`},
		{"a fallback that is not there", "route: {receiver: a, group_by: []}\nreceivers: [{name: a, fallback: z, webhook_configs: [{url: 'http://hook'}]}]",
			`2: receivers[0].fallback: there is no receiver "z"; write the name of one under receivers`},
		{"a kind that is not there", "route: {receiver: a, group_by: []}\nreceivers:\n  - name: a\n    pushover_configs: [{token: x}]\n    webhook_configs: [{url: 'http://hook'}]",
			"4: receivers[0].pushover_configs: pushover_configs is not supported yet; tell it through webhook_configs and a small bridge, or name another receiver"},
		{"a global setting of such a kind", "global:\n  victorops_api_key: x\nroute: {receiver: a, group_by: []}" + receivers,
			"2: global.victorops_api_key: warning: victorops_api_key is not used; remove it; there are no receivers of this kind"},
		{"a wrong integration", "route: {receiver: a, group_by: []}\nreceivers:\n  - name: a\n    pagerduty_configs:\n      - service_key: x",
			"5: receivers[0].pagerduty_configs[0].service_key: service_key is not supported yet; write routing_key_file with the key of an Events API v2 integration\n" +
				"5: receivers[0].pagerduty_configs[0]: routing_key is missing; give routing_key_file: /path/to/key (in PagerDuty: Service, Integrations, Events API v2, Integration Key)"},
		{"what is not used", "tracing: {endpoint: x}\nroute: {receiver: a, group_by: []}" + receivers,
			"1: tracing: warning: tracing is not used; remove it; Burnline keeps a ledger of every alert"},
		{"an interval without a name", "route: {receiver: a, group_by: []}\ntime_intervals:\n  - time_intervals: [{years: ['2026']}]" + receivers,
			"3: time_intervals[0]: the interval has no name; write a name such as weekends"},
		{"intervals of one name", "route: {receiver: a, group_by: []}\nmute_time_intervals: [{name: x, time_intervals: [{years: ['2026']}]}]\ntime_intervals: [{name: x, time_intervals: [{years: ['2026']}]}]" + receivers,
			`3: time_intervals[0].name: there is an interval "x" already; give it another name`},
		{"a weekday that is none", "route: {receiver: a, group_by: []}\ntime_intervals:\n  - name: x\n    time_intervals:\n      - weekdays: [monday, funday]" + receivers,
			"5: time_intervals[0].time_intervals[0].weekdays[1]: funday is not a valid weekday"},
		{"a time zone that is none", "route: {receiver: a, group_by: []}\ntime_intervals:\n  - name: x\n    time_intervals:\n      - location: Mars/Base" + receivers,
			"5: time_intervals[0].time_intervals[0].location: unknown time zone Mars/Base"},
		{"a day that ends before it starts", "route: {receiver: a, group_by: []}\ntime_intervals:\n  - name: x\n    time_intervals:\n      - times: [{start_time: 22:00, end_time: 06:00}]" + receivers,
			"5: time_intervals[0].time_intervals[0].times[0]: start time cannot be equal or greater than end time"},
		{"an inhibition rule that is too broad", "route: {receiver: a, group_by: []}\ninhibit_rules:\n  - source_matchers: [severity=critical]\n    equal: [cluster]" + receivers,
			"3: inhibit_rules[0]: warning: the source inhibits every alert; write target_matchers"},
		{"a bad matcher of an inhibition rule", "route: {receiver: a, group_by: []}\ninhibit_rules:\n  - source_match: {a-b: c}\n    target_matchers: [a=b]" + receivers,
			`3: inhibit_rules[0].source_match.a-b: "a-b" is no name of a label; write letters, digits and _, or use matchers`},
		{"templates that are not there", "route: {receiver: a, group_by: []}\ntemplates: ['/nowhere/*.tmpl']" + receivers,
			"2: templates[0]: warning: /nowhere/*.tmpl names no file; correct the path, or create it"},
		{"differences to Alertmanager", "route:\n  receiver: a\n  group_wait: 30s\n  routes: [{group_wait: 1m}]" + receivers,
			"1: route: note: without group_by each alert is an incident of its own, where Alertmanager would make one of them all; write group_by: [alertname], or group_by: [] for one incident\n" +
				"3: route.group_wait: note: the first alert of a group goes at once, and those that follow after group_interval"},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			if _, got := whole(t, c.text); got != c.says {
				t.Errorf("findings:\n%s\nwant:\n%s", got, c.says)
			}
		})
	}
}

func TestFallbacksThatLeadInACircle(t *testing.T) {
	_, got := inline(t, `
route: {receiver: a}
receivers:
  - {name: a, fallback: b, webhook_configs: [{url: 'http://hook'}]}
  - {name: b, fallback: a, webhook_configs: [{url: 'http://hook'}]}
`)
	want := "4: alerting.receivers[0].fallback: fallbacks lead in a circle: a, b, a; let the last of them have none\n" +
		"5: alerting.receivers[1].fallback: fallbacks lead in a circle: b, a, b; let the last of them have none"
	if got != want {
		t.Errorf("findings:\n%s\nwant:\n%s", got, want)
	}
}

func TestAConfigurationOfOneRouteIsQuiet(t *testing.T) {
	for sentence, text := range map[string]string{
		"nothing at all":                    "{}",
		"one receiver and no route":         "receivers: [{name: oncall, pagerduty_configs: [{routing_key: " + key32 + "}]}]",
		"one receiver that the route names": "route: {receiver: oncall}\nreceivers: [{name: oncall, pagerduty_configs: [{routing_key: " + key32 + "}]}]",
	} {
		if _, got := inline(t, text); got != "" {
			t.Errorf("%s: findings %s", sentence, got)
		}
	}
	c, got := inline(t, "receivers: [{name: a}, {name: b}]")
	if want := "alerting.route.receiver: there are several receivers and none is named; write the name of one"; !strings.Contains(got, want) {
		t.Errorf("findings %s, want %s", got, want)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v %s", c, c, c.File, c.Receivers), key32) {
		t.Error("a secret was printed")
	}
}

func TestAFileOfAlertmanagersIsNamed(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("am/am.yml", `
global: {http_config: {proxy_url: 'http://proxy:3128'}, pagerduty_url: 'http://pd/v2/enqueue'}
route: {receiver: a, group_by: [x]}
templates: ['t/*.tmpl']
receivers:
  - name: a
    pagerduty_configs: [{routing_key_file: key}, {routing_key_file: key, url: 'http://other', http_config: {tls_config: {ca_file: ca.pem}}, send_resolved: no}]
    webhook_configs: [{url_file: hook, fallback: 1}]
`)
	write("am/key", key32)
	write("am/t/a.tmpl", "")
	write("am/hook", "http://hook/")
	write("am/ca.pem", "no certificate")
	c := Config{Path: "am/am.yml"}
	findings := c.Finish(nil, nil, dir)
	at := filepath.Join(dir, "am")
	var got []string
	for _, f := range findings {
		got = append(got, strings.ReplaceAll(f.String(), at+"/", ""))
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"am.yml:7: receivers[0].pagerduty_configs[1].send_resolved: warning: incidents stay open in PagerDuty until somebody resolves them there; leave it out",
		"am.yml:7: receivers[0].pagerduty_configs[1]: http_config.tls_config: unable to use specified CA cert file ca.pem",
		`am.yml:8: receivers[0].webhook_configs[0].fallback: unknown key "fallback"`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in\n%s", want, text)
		}
	}
	pd := c.Receivers[0].PagerDuty
	if pd[0].RoutingKeyFile != at+"/key" || pd[0].URL != "http://pd/v2/enqueue" || pd[1].URL != "http://other" ||
		pd[0].HTTPConfig.ProxyURL.Host != "proxy:3128" || pd[1].HTTPConfig.TLSConfig.CAFile != at+"/ca.pem" {
		t.Errorf("the integrations are %+v %+v", pd[0], pd[1])
	}
	if got, want := fmt.Sprint(c.Watched()), fmt.Sprint([]string{at + "/am.yml", at + "/t/a.tmpl"}); got != want {
		t.Errorf("watched are %s, want %s", got, want)
	}
}

func TestAFileAndKeysBesideIt(t *testing.T) {
	_, got := inline(t, "config: nowhere.yml\nroute: {receiver: a}")
	for _, want := range []string{
		"3: alerting.route: config names a file that holds it all; move it into ",
		"2: alerting.config: read Alertmanager's configuration: open ",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("findings %s, want %s", got, want)
		}
	}
}
