package shadow

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// noon is the day on which the tests happen.
var noon = time.Date(2026, time.March, 3, 12, 0, 0, 0, time.UTC)

// at is a moment some minutes after noon.
func at(minutes float64) time.Time { return noon.Add(time.Duration(minutes * float64(time.Minute))) }

// shop are two SLOs, one of them of a name that another service has too.
func shop() []*slo.Definition {
	return []*slo.Definition{
		{ID: "checkout/availability", Name: "availability", Service: "checkout"},
		{ID: "cart/availability", Name: "availability", Service: "cart"},
		{ID: "search/search-latency", Name: "search-latency", Service: "search"},
	}
}

// old is a page of the old system's, told half a minute after its rule fired.
func old(fired, ended float64, pairs ...string) Page {
	p := Page{ID: fmt.Sprint(fired, pairs), Receiver: "ops", Labels: slo.NewLabels(pairs...), StartsAt: at(fired), ToldAt: at(fired + 0.5)}
	if ended > 0 {
		p.EndedAt = at(ended)
	}
	return p
}

// own is an incident that would have been told when it opened.
func own(id string, opened, closed float64, change ...func(*alerting.Record)) alerting.Record {
	r := alerting.Record{Summary: id + " burns", Incident: slo.Incident{
		Key: fmt.Sprint(id, opened), SLO: id, Severity: slo.Page, Opened: at(opened), Groups: []slo.Labels{nil}}}
	if closed > 0 {
		r.Incident.Closed = at(closed)
	}
	r.Rows = []alerting.Row{{Action: alerting.ActionTrigger, State: alerting.RowShadowed, CreatedAt: at(opened), SettledAt: at(opened)}}
	for _, c := range change {
		c(&r)
	}
	return r
}

// story writes a comparison as lines.
func story(w World) string {
	w.Definitions = shop()
	if w.Now.IsZero() {
		w.Now = at(300)
	}
	if w.Heard.IsZero() {
		w.Heard = at(-600)
	}
	var b strings.Builder
	for _, d := range Compare(w, noon.Add(-24*time.Hour)) {
		fmt.Fprintf(&b, "%d both, %d only old, %d only Burnline, %d unknown", d.Both, d.OnlyOld, d.OnlyBurnline, d.Unknown)
		if d.MedianLead != nil {
			fmt.Fprintf(&b, ", median lead %gs", *d.MedianLead)
		}
		b.WriteString("\n")
		for _, l := range d.Lines {
			fmt.Fprintf(&b, "%s %s %s: %s\n", l.At.Format("15:04"), l.Kind, l.Subject, l.Reason)
		}
	}
	return b.String()
}

func TestWhatBothWhatOneAloneToldAndWhy(t *testing.T) {
	sloth := []string{"alertname", "CheckoutHigh", "sloth_service", "checkout", "sloth_slo", "availability", "sloth_severity", "page"}
	quiet := func(r *alerting.Record) {
		r.Rows = nil
		r.Decisions = []alerting.Decision{{Receiver: "oncall", Fate: alerting.FateSilenced, By: "s1", Reason: "ada silenced it"}}
	}
	for _, tc := range []struct {
		name string
		w    World
		want string
	}{
		{"both, and Burnline was earlier", World{Pages: []Page{old(4, 20, sloth...)}, Records: []alerting.Record{own("checkout/availability", 1, 15)}},
			"1 both, 0 only old, 0 only Burnline, 0 unknown, median lead 210s\n12:01 both checkout/availability: The old rule fired 3 min after Burnline had told it, and its notification took another 30 s.\n"},
		{"both, and the old one was earlier", World{Pages: []Page{old(1, 20, sloth...)}, Records: []alerting.Record{own("checkout/availability", 3, 15)}},
			"1 both, 0 only old, 0 only Burnline, 0 unknown, median lead -90s\n12:01 both checkout/availability: The old rule fired 2 min before Burnline told it, and its notification took another 30 s.\n"},
		{"an end just before the other's beginning still is the same outage", World{Pages: []Page{old(20, 30, sloth...)}, Records: []alerting.Record{own("checkout/availability", 1, 6)}},
			"1 both, 0 only old, 0 only Burnline, 0 unknown, median lead 1170s\n12:01 both checkout/availability: The old rule fired 19 min after Burnline had told it, and its notification took another 30 s.\n"},
		{"an hour apart is two things", World{Pages: []Page{old(70, 80, sloth...)}, Records: []alerting.Record{own("checkout/availability", 1, 6)}},
			"0 both, 1 only old, 1 only Burnline, 0 unknown\n13:10 only old checkout/availability: Burnline watches checkout/availability and opened no incident within 15 min of it.\n" +
				"12:01 only Burnline checkout/availability: The old Alertmanager told nothing of it within 15 min.\n"},
		{"several alerts of one outage are one line", World{Pages: []Page{old(4, 20, sloth...), old(6, 20, append(sloth, "region", "eu")...)}},
			"0 both, 1 only old, 0 only Burnline, 0 unknown\n12:04 only old checkout/availability: Burnline watches checkout/availability and opened no incident within 15 min of it.\n"},
		{"a silence of Burnline's is the reason", World{Pages: []Page{old(4, 20, sloth...)}, Records: []alerting.Record{own("checkout/availability", 1, 15, quiet)}},
			"0 both, 1 only old, 0 only Burnline, 0 unknown\n12:04 only old checkout/availability: Burnline noticed it and kept it back: Silenced at oncall: ada silenced it (s1).\n"},
		{"labels that nobody knows are no difference and no agreement", World{Pages: []Page{old(4, 20, "alertname", "DiskFull")}},
			"0 both, 0 only old, 0 only Burnline, 1 unknown\n12:04 only old DiskFull: No SLO of Burnline's, and no alert that it was sent in these days, has these labels.\n"},
		{"a name that two services have is not guessed", World{Pages: []Page{old(4, 20, "alertname", "x", "slo", "availability")}, Records: []alerting.Record{own("cart/availability", 4, 20)}},
			"0 both, 0 only old, 1 only Burnline, 1 unknown\n12:04 only old x: Its labels fit several of Burnline's SLOs, so it is not known which one is meant. Labels such as sloth_service and service tell them apart.\n" +
				"12:04 only Burnline cart/availability: The old Alertmanager told nothing of it within 15 min.\n"},
		{"Pyrra's label and the service tell it apart", World{Pages: []Page{old(4, 20, "slo", "availability", "service", "cart", "severity", "critical")}, Records: []alerting.Record{own("cart/availability", 4, 20)}},
			"1 both, 0 only old, 0 only Burnline, 0 unknown, median lead 30s\n12:04 both cart/availability: The old rule fired at the same moment, and its notification took another 30 s.\n"},
		{"an alert's name may be the SLO's", World{Pages: []Page{old(4, 20, "alertname", "search-latency", "severity", "warning")}, Records: []alerting.Record{own("search/search-latency", 4, 20)}},
			"1 both, 0 only old, 0 only Burnline, 0 unknown, median lead 30s\n12:04 both search/search-latency: The old rule fired at the same moment, and its notification took another 30 s. The severities differ: ticket there, page here.\n"},
		{"another group's page is not this one's", World{Pages: []Page{old(4, 20, append(sloth, "region", "eu")...)},
			Records: []alerting.Record{own("checkout/availability", 4, 20, func(r *alerting.Record) { r.Incident.Groups = []slo.Labels{slo.NewLabels("region", "us")} })}},
			"0 both, 1 only old, 1 only Burnline, 0 unknown\n12:04 only old checkout/availability: Burnline watches checkout/availability and opened no incident within 15 min of it.\n" +
				"12:04 only Burnline checkout/availability: The old Alertmanager told nothing of it within 15 min.\n"},
		{"before anything was heard nobody can say what the old one told", World{Heard: at(60), Records: []alerting.Record{own("checkout/availability", 1, 15)}},
			"0 both, 0 only old, 0 only Burnline, 1 unknown\n12:01 only Burnline checkout/availability: Nothing had been heard from the old Alertmanager by then, so nobody can say what it told.\n"},
		{"the old one has its time too", World{Now: at(5), Records: []alerting.Record{own("checkout/availability", 1, 0)}},
			"0 both, 0 only old, 0 only Burnline, 1 unknown\n12:01 only Burnline checkout/availability: The old Alertmanager has not told it yet; it has another 11 min.\n"},
		{"silence of the rules where no data arrives", World{Records: []alerting.Record{own("checkout/availability", 1, 15, func(r *alerting.Record) { r.Incident.Cause = slo.CauseNoData })}},
			"0 both, 0 only old, 1 only Burnline, 0 unknown\n12:01 only Burnline checkout/availability: The old Alertmanager told nothing of it within 15 min. No data arrived: a rule on rates has no result then, and stays silent.\n"},
		{"a drill is nothing to compare", World{Records: []alerting.Record{own(alerting.DrillPrefix+"1", 1, 15)}}, ""},
		{"an alert that both were sent", World{Pages: []Page{old(4, 20, "alertname", "DiskFull", "host", "a", "severity", "critical")}, Records: []alerting.Record{own("", 4, 20, func(r *alerting.Record) {
			r.Incident.Cause, r.Newest.Labels = slo.CauseAlert, slo.NewLabels("alertname", "DiskFull", "host", "a")
		})}},
			"1 both, 0 only old, 0 only Burnline, 0 unknown, median lead 30s\n12:04 both DiskFull: The old rule fired at the same moment, and its notification took another 30 s.\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := story(tc.w); got != tc.want {
				t.Errorf("got:\n%swant:\n%s", got, tc.want)
			}
		})
	}
}

func TestTheMedianLeadOfAnEvenNumberLiesBetweenTwo(t *testing.T) {
	d := Day{}
	for _, lead := range []float64{300, -10, 30, 60} {
		d.add(Line{Kind: Both, Lead: lead})
	}
	d.finish()
	if d.Both != 4 || d.MedianLead == nil || *d.MedianLead != 45 {
		t.Errorf("the day is %+v, its median lead %v", d, d.MedianLead)
	}
}

// hook is a webhook as Alertmanager sends it.
const hook = `{"version":"4","groupKey":"{}:{alertname=\"High\"}","truncatedAlerts":0,"status":"firing","receiver":"burnline","groupLabels":{"alertname":"High"},
"commonLabels":{},"commonAnnotations":{},"externalURL":"http://am","alerts":[
{"status":"firing","labels":{"alertname":"High","sloth_slo":"availability"},"annotations":{"summary":"It burns"},"startsAt":"2026-03-03T12:01:02.345Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://p","fingerprint":"ab"},
{"status":"resolved","labels":{"alertname":"Low"},"annotations":{},"startsAt":"2026-03-03T12:00:00Z","endsAt":"2026-03-03T12:03:00Z"}]}`

func TestAWebhookIsReadOrRefusedAsAWhole(t *testing.T) {
	pages, err := Decode(strings.NewReader(hook), at(5))
	if err != nil || len(pages) != 2 {
		t.Fatalf("%d pages, %v", len(pages), err)
	}
	if p := pages[0]; p.Receiver != "burnline" || p.Summary != "It burns" || p.Labels.Get("sloth_slo") != "availability" || !p.ToldAt.Equal(at(5)) || p.Ended() {
		t.Errorf("the first is %+v", p)
	}
	if !pages[1].Ended() {
		t.Errorf("the second is %+v", pages[1])
	}
	again, _ := Decode(strings.NewReader(strings.Replace(hook, "It burns", "It burns on", 1)), at(9))
	if again[0].ID != pages[0].ID || again[1].ID == pages[0].ID {
		t.Error("a repeat of an alert has an ID of its own, or two alerts have one")
	}
	for name, tc := range map[string]struct{ body, want string }{
		"no JSON":           {"]", "it is no JSON of a webhook"},
		"another version":   {strings.Replace(hook, `"4"`, `"3"`, 1), `version: "3" is not known`},
		"no labels":         {strings.Replace(hook, `{"alertname":"Low"}`, `{}`, 1), "alerts[1]: it has no labels"},
		"no start":          {strings.Replace(hook, "2026-03-03T12:00:00Z", "0001-01-01T00:00:00Z", 1), "alerts[1]: startsAt is missing"},
		"an unknown status": {strings.Replace(hook, `"resolved"`, `"odd"`, 1), `alerts[1]: status "odd"`},
		"enormous labels":   {strings.Replace(hook, "Low", strings.Repeat("x", maxLabels+1), 1), "alerts[1]: its labels have more than"},
		"too many alerts":   {`{"version":"4","alerts":[` + strings.Repeat("{},", maxAlerts) + `{}]}`, "alerts: 10001 alerts are more"},
	} {
		var found slo.Problems
		if _, err := Decode(strings.NewReader(tc.body), at(5)); !errors.As(err, &found) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: %v, want %q", name, err, tc.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(hook)
	f.Add(`{"version":"4","alerts":[{"labels":{"a":"\u0000"},"status":"firing","startsAt":"2300-01-01T00:00:00Z"}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		pages, err := Decode(strings.NewReader(body), noon)
		if err != nil && len(pages) > 0 {
			t.Errorf("%d pages of a body that is refused: %v", len(pages), err)
		}
		if days := Compare(World{Pages: pages, Definitions: shop(), Heard: noon, Now: at(60)}, noon); err == nil {
			n := 0
			for _, d := range days {
				for _, l := range d.Lines {
					n += len(l.Old)
				}
			}
			if n != len(pages) {
				t.Errorf("%d of %d pages are in a line", n, len(pages))
			}
		}
	})
}
