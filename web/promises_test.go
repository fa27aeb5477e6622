package web

import (
	"encoding/json"
	"errors"
	"html"
	"strings"
	"testing"
	"time"

	"burnline/slo"
)

// page returns a page's text with its entities resolved.
func page(t *testing.T, url string) string {
	t.Helper()
	status, body := get(t, url)
	if status != 200 {
		t.Errorf("%s: status %d", url, status)
	}
	return html.UnescapeString(body)
}

func TestPagesTellWhatStandsBesideTheFigures(t *testing.T) {
	p := newPromises(t, noon)
	srv := serve(t, p.shop, p.options)
	for _, tc := range []struct {
		name, path string
		want       []string
	}{
		{"a calendar window is named with what is left and when it begins anew", "/slo/pay/availability", []string{"November <small>9 days left; begins anew Tue 1 Dec 00:00 CET (Europe/Berlin)"}},
		{"alerts that are held say until when, why and by whom", "/slo/pay/availability", []string{"Alerts are held until", "the ledger's database moves (Ada Moreau)"}},
		{"a lowered objective is marked beside the objective", "/slo/pay/availability", []string{`class="lowered"`, "lowered from 99.9 %", "3 Nov 2026"}},
		{"every version is told in words", "/slo/pay/availability", []string{"The first version that Burnline saw.", "The objective was lowered from 99.9% to 99%.", "Version 2: 99 % over month Europe/Berlin", "promises less"}},
		{"corrections say when, why, who and from where", "/slo/pay/availability", []string{"slos/corrections.yaml:4", "load test from inside", "ben@example.com", "<code>API</code>"}},
		{"a team is shown with its owners, its channel and the team above", "/slo/pay/availability", []string{"Ada Moreau, Ben Okafor", "#payments", "part of commerce"}},
		{"a part leads to its composite", "/slo/pay/availability", []string{`href="/slo/shop/buying"`}},
		{"a composite leads to its parts with weight and state", "/slo/shop/buying", []string{`href="/slo/pay/availability"`, `href="/slo/edge/up"`, "weighted mean", ">2</td>", "s-missing", "It is not loaded."}},
		{"objectives of one promise lead to each other", "/slo/cards/latency/99", []string{`href="/slo/cards/latency/99.9"`, `aria-current="true"><span>99 %`}},
		{"a ratio says that it is time-weighted", "/slo/edge/probe", []string{"time-weighted"}},
		{"history that is read says how far it is", "/slo/edge/probe", []string{"62 % so far", "62 % of the history is read"}},
		{"slices are told in words", "/slo/edge/up", []string{"good when every sample in it is at least 1"}},
		{"darkness says since when, the usual, and what it does", "/slo/edge/up", []string{"No data arrives from job=edge.", "240 events came in an hour", "in the last hour it was 124", "It pages.", "Source: job=edge"}},
		{"a blind incident lists its SLOs, also one that is gone", "/incidents/b11nd", []string{`href="/slo/edge/up"`, "240 events came in an hour", "Data arrives.", "not loaded"}},
		{"an outside alert shows what its author says", "/incidents/a1e47", []string{"What the alert says", "97 % of /var are used.", `href="https://prometheus.example.com/graph?g0.expr=disk"`, "alert of a rule"}},
		{"the list of corrections says who removed what", "/corrections", []string{"1 correction takes time out of error budgets now", "removed by Ida Jung", "the second half moves", "was ours after all"}},
		{"the system page shows rules that fail, and history", "/system", []string{"1 rule fails to be evaluated.", "found duplicate series for the match group", "412 checkpoints written", "62 %"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			body := page(t, srv.URL+tc.path)
			for _, want := range tc.want {
				if !strings.Contains(body, want) {
					t.Errorf("%s lacks %q", tc.path, want)
				}
			}
		})
	}
}

func TestNoPageLeadsToAnSLOThatThereIsNot(t *testing.T) {
	p := newPromises(t, noon)
	srv := serve(t, p.shop, p.options)
	for _, path := range []string{"/", "/incidents", "/incidents/b11nd", "/incidents/a1e47", "/incidents/90ne", "/incidents/10st", "/slo/shop/buying", "/corrections", "/system"} {
		body := page(t, srv.URL+path)
		for _, part := range strings.Split(body, `href="/slo/`)[1:] {
			href, _, _ := strings.Cut(part, `"`)
			if status, _ := get(t, srv.URL+"/slo/"+href); status != 200 {
				t.Errorf("%s leads to /slo/%s, which answers %d", path, href, status)
			}
		}
		if strings.Contains(body, "javascript:") {
			t.Errorf("%s carries a link that no browser may follow", path)
		}
	}
}

func TestATeamStandsForThoseBelowIt(t *testing.T) {
	p := newPromises(t, noon)
	srv := serve(t, p.shop, p.options)
	for team, want := range map[string]int{"commerce": 4, "payments": 3, "cards": 2, "web": 2, "": 6} {
		if got := strings.Count(page(t, srv.URL+"/?team="+team), `<tr role="row" id="row-`); got != want {
			t.Errorf("team %q has %d rows, want %d", team, got, want)
		}
	}
	if body := page(t, srv.URL+"/?team=nobody"); !strings.Contains(body, "Team nobody owns no SLO.") {
		t.Error("a team without SLOs is not told of")
	}
}

func TestTeamsInACircleEnd(t *testing.T) {
	p := newPromises(t, noon)
	p.teams = []slo.Team{{Name: "payments", Parent: "commerce"}, {Name: "commerce", Parent: "payments"}}
	page(t, serve(t, p.shop, p.options).URL+"/slo/pay/availability")
}

func TestChartsCarryVersionsAndCorrections(t *testing.T) {
	p := newPromises(t, noon)
	srv := serve(t, p.shop, p.options)
	var chart struct {
		Versions []versionMark
	}
	if _, body := get(t, srv.URL+"/api/v1/charts/pay/availability?range=30d&points=10"); json.Unmarshal([]byte(body), &chart) != nil || len(chart.Versions) != 2 || !chart.Versions[0].Lowered || chart.Versions[0].Number != 2 {
		t.Errorf("the chart has %+v", chart.Versions)
	}
	var list struct{ Versions []slo.Version }
	if status, body := get(t, srv.URL+"/api/v1/slos/pay/availability/versions"); status != 200 || json.Unmarshal([]byte(body), &list) != nil || len(list.Versions) != 3 || strings.Contains(body, `"changes":null`) {
		t.Errorf("%d: %+v", status, list)
	}
	if status, _ := get(t, srv.URL+"/api/v1/slos/no/such/versions"); status != 404 {
		t.Errorf("versions of an unknown SLO: %d", status)
	}
	p.broken = errors.New("disk I/O error")
	if status, _ := get(t, srv.URL+"/api/v1/slos/pay/availability/versions"); status != 503 {
		t.Errorf("versions without a store: %d", status)
	}
	if body := page(t, srv.URL+"/slo/pay/availability"); !strings.Contains(body, "Versions can't be read: disk I/O error") {
		t.Error("the page hides that versions can't be read")
	}
}

func TestALoweredPromiseStaysMarkedWhateverComesAfter(t *testing.T) {
	v := func(n int, objective float64, lowered bool) slo.Version {
		return slo.Version{Number: n, Objective: objective, Lowered: lowered, Since: noon.Add(time.Duration(n) * time.Hour)}
	}
	for _, tc := range []struct {
		name     string
		versions []slo.Version
		want     string
	}{
		{"one version was never lowered", []slo.Version{v(1, 99, false)}, ""},
		{"a raised objective is no lowering", []slo.Version{v(1, 99, false), v(2, 99.9, false)}, ""},
		{"a lowered objective says from what", []slo.Version{v(1, 99.9, false), v(2, 99, true)}, "lowered from 99.9 %"},
		{"one that was raised again says how low it was", []slo.Version{v(1, 99.9, false), v(2, 99, true), v(3, 99.95, false)}, "lowered from 99.9 % to 99 %"},
		{"an objective among several says what it succeeds", []slo.Version{{Number: 1, Objective: 99, Lowered: true, Succeeds: "pay/availability/99.9"}}, "lowered from 99.9 %"},
		{"a longer threshold promises less", []slo.Version{v(1, 99, false), v(2, 99, true)}, "promises less"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := ""
			if l := historyOf(tc.versions).Lowered; l != nil {
				got = strings.ReplaceAll(l.Text, nbsp, " ")
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestCalendarWindowsAreNamedAsPeopleDo(t *testing.T) {
	for _, tc := range []struct {
		name   string
		unit   slo.CalendarUnit
		count  int
		anchor time.Time
		want   string
	}{
		{"a month", slo.Month, 1, time.Time{}, "November"},
		{"a week", slo.Week, 1, time.Time{}, "week of 16 Nov"},
		{"a quarter", slo.Quarter, 1, time.Time{}, "Q4 2026"},
		{"a year", slo.Year, 1, time.Time{}, "2026"},
		{"a month from its 16th", slo.Month, 1, time.Date(2026, 1, 16, 0, 0, 0, 0, time.UTC), "16 Nov – 16 Dec"},
		{"two weeks", slo.Week, 2, time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC), "9 Nov – 23 Nov"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := slo.NewCalendar(tc.unit, tc.count, "", tc.anchor)
			if err != nil {
				t.Fatal(err)
			}
			if got := periodOf(slo.Window{Calendar: c}, noon).Name; got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestEveryKindIsExplained(t *testing.T) {
	samples := &slo.SamplesSLI{Op: slo.LT, Value: 0.5, Every: time.Minute}
	minute := time.Minute
	for _, tc := range []struct {
		name string
		d    slo.Definition
		want string
	}{
		{"events", slo.Definition{SLI: slo.SLI{Events: &slo.EventsSLI{}}}, "Counts events"},
		{"latency", slo.Definition{SLI: slo.SLI{Latency: &slo.LatencySLI{Threshold: 300 * time.Millisecond}}}, "at most 300ms"},
		{"samples", slo.Definition{SLI: slo.SLI{Samples: samples}}, "good when it is below 0.5"},
		{"timeslices", slo.Definition{SLI: slo.SLI{Events: &slo.EventsSLI{}}, Budgeting: slo.Budgeting{Method: slo.Timeslices, Slice: minute, Target: 0.95}}, "at least 95 % of what happened in it"},
		{"ratio timeslices", slo.Definition{SLI: slo.SLI{Events: &slo.EventsSLI{}}, Budgeting: slo.Budgeting{Method: slo.RatioTimeslices, Slice: minute}}, "Each slice of 1m with events counts once"},
		{"ratio", slo.Definition{SLI: slo.SLI{Ratio: &slo.RatioSLI{Slice: minute}}}, "read once per slice of 1m"},
		{"composite", slo.Definition{SLI: slo.SLI{Composite: &slo.CompositeSLI{Method: slo.Worst}}}, "that of the worst of them"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := kindOf(&tc.d)
			if k.Name != tc.name || !strings.Contains(strings.ReplaceAll(k.Text, nbsp, " "), tc.want) {
				t.Errorf("%s: %s", k.Name, k.Text)
			}
			if weighted := tc.d.Slice() > 0; weighted != strings.Contains(k.Note, "time-weighted") {
				t.Errorf("%s has the note %q", tc.name, k.Note)
			}
		})
	}
}

func TestWordsOfCorrectionsVersionsAndTeamsAreNeverMarkup(t *testing.T) {
	p := newPromises(t, noon)
	c := &p.corrections.inForce[0]
	c.Reason, c.Author, c.ID, c.Zone, c.Rule, c.Source.File = hostile, hostile, hostile, hostile, hostile, hostile
	p.corrections.removed[0].RemovedBy = hostile
	p.statuses[0].Held[0] = slo.Held{ID: hostile, Reason: hostile, Until: noon.Add(time.Hour)}
	p.versions["pay/availability"][1].Changes, p.versions["pay/availability"][1].Text = []string{hostile}, hostile
	p.teams[1].Owners, p.teams[1].SlackChannel, p.teams[1].Parent = []string{hostile}, hostile, hostile
	for i := range p.statuses {
		if d := p.statuses[i].Dark; d != nil {
			d.Reason, d.Source = hostile, slo.NewLabels("job", hostile)
		}
	}
	alert := &p.records[1]
	alert.Newest.Details[0].Name, alert.Newest.Details[1].Value, alert.Newest.Links[1].Text = hostile, hostile, hostile
	alert.Incident.Origin, alert.Incident.Team = hostile, hostile
	p.health.Rules[1].Failing[0] = RuleFailure{hostile, hostile}
	hostiles := diskAlerts(1, noon)
	hostiles[0].Labels, hostiles[0].GeneratorURL = slo.NewLabels("alertname", hostile, "device", hostile), "javascript:alert(1)"
	hostiles[0].Annotations["summary"], hostiles[0].Places[0].Decision.Reason = hostile, hostile
	srv := serve(t, p.shop, func(o *Options) { p.options(o); o.Alerts = hostiles })
	for _, path := range []string{"/", "/?team=%22%3E%3Cscript%3E", "/slo/pay/availability", "/slo/edge/up", "/corrections", "/incidents", "/incidents/a1e47", "/incidents/b11nd", "/system"} {
		_, body := get(t, srv.URL+path)
		for _, bad := range []string{"<script>", "<img src=x", `="javascript:`, `href="#ZgotmplZ"`, " onclick=", " style="} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %q", path, bad)
			}
		}
	}
}

func TestACalendarWindowIsShownFromItsBeginning(t *testing.T) {
	p := newPromises(t, noon)
	body := page(t, serve(t, p.shop, p.options).URL+"/slo/pay/availability")
	// November begins at midnight in Berlin: 21 days, 13 hours before noon of the 22nd.
	if !strings.Contains(body, `data-chart="budget" data-src="/api/v1/charts/pay/availability?range=517h"`) {
		t.Error("the budget's chart does not begin with the month")
	}
	if strings.Contains(body, "young: ") || !strings.Contains(body, "is left, with 9 days to go.") {
		t.Error("a month that data covers so far is told of as young")
	}
	p.statuses[0].Budget.Elapsed = 5 * day
	if young(p.statuses[0]) != true || shownAs(p.statuses[0]) == slo.StateOK {
		t.Error("a month whose data came late is shown as if it were covered")
	}
	if got := covering(row{p.defs[0], p.statuses[0]}, 0); got != 7*day {
		t.Errorf("five covered days of a month are shown over %s", got)
	}
}
