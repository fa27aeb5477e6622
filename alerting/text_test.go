package alerting

import (
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"burnline/slo"
)

var update = flag.Bool("update", false, "write the golden files anew")

// textCase is one message of the golden file.
type textCase struct {
	name string
	text func(TextOptions) Message
}

// of is a case that renders a transition by Text.
func of(name string, t slo.Transition) textCase {
	return textCase{name, func(o TextOptions) Message { return Text(t, o) }}
}

// with sets counts of bad and total events since the start.
func with(bad, total float64) func(*slo.Transition) {
	return func(t *slo.Transition) { t.Since = slo.Counts{Good: total - bad, Total: total} }
}

// groups sets the groups of the incident.
func groups(gs ...slo.Labels) func(*slo.Transition) {
	return func(t *slo.Transition) { t.Incident.Group, t.Incident.Groups = gs[0], gs }
}

// slow makes the SLO one on latency.
func slow(t *slo.Transition) { t.Definition = latency() }

// sliced makes slices of time spend the budget.
func sliced(by slo.BudgetingMethod, length time.Duration) func(*slo.Transition) {
	return define(func(d *slo.Definition) { d.Budgeting = slo.Budgeting{Method: by, Slice: length} })
}

// byRatio makes the SLO an error ratio by a query, asked each minute.
func byRatio(t *slo.Transition) { t.Definition.SLI = slo.SLI{Ratio: &slo.RatioSLI{Slice: time.Minute}} }

// define changes the definition.
func define(change func(*slo.Definition)) func(*slo.Transition) {
	return func(t *slo.Transition) { change(t.Definition) }
}

// ended sets the state in which the first group was at the closing, and its reason.
func ended(how slo.Ending, reason string) func(*slo.Transition) {
	return func(t *slo.Transition) { t.Ending, t.Reason = how, reason }
}

// noData makes the incident one of a lack of data.
func noData(change ...func(*slo.Darkness)) func(*slo.Transition) {
	return func(t *slo.Transition) {
		t.Incident.Cause, t.Policy, t.Since = slo.CauseNoData, nil, slo.Counts{}
		t.Dark = &slo.Darkness{Since: t.Incident.Started, Severity: slo.Page, Usual: 1204, Now: 1100, Source: slo.NewLabels("job", "checkout")}
		for _, c := range change {
			c(t.Dark)
		}
	}
}

// blind makes the incident one of several SLOs that lost one source.
func blind(source string, labels slo.Labels, n int) func(*slo.Transition) {
	return func(t *slo.Transition) {
		noData(func(d *slo.Darkness) { d.Silent, d.Source = true, labels })(t)
		t.Incident.SLO = "blind/" + source
		for i := range n {
			t.Incident.SLOs = append(t.Incident.SLOs, "checkout/slo-"+strconv.Itoa(i+1))
		}
		t.Definition = &slo.Definition{ID: t.Incident.SLO, Name: t.Incident.SLO, Team: "payments"}
	}
}

func bygones(t *slo.Transition) {
	t.Kind, t.At, t.Incident.Closed = slo.IncidentRecorded, clockTime(16, 0), clockTime(14, 25)
}

func asTicket(t *slo.Transition) { t.Incident.Severity = slo.Ticket }

// left sets what is left of the budget, with no end in sight.
func left(remaining float64) func(*slo.Transition) {
	return func(t *slo.Transition) {
		t.Status.Budget = slo.BudgetStatus{Known: true, Remaining: remaining, Spent: remaining <= 0}
	}
}

// textCases are the messages that a person is to read on one screen.
func textCases() []textCase {
	region := func(r string) slo.Labels { return slo.NewLabels("region", r) }
	third := func(t *slo.Transition) { t.Incident.Number, t.Incident.EpisodeStarted = 3, clockTime(2, 10) }
	rolling := func(w time.Duration) func(*slo.Transition) {
		return func(t *slo.Transition) {
			t.Definition.Window.Rolling, t.Status.Budget.GoneIn = w, min(130*time.Minute, w/3)
		}
	}
	noJourney := define(func(d *slo.Definition) { d.Journey = "" })
	const day = 24 * time.Hour
	return []textCase{
		of("a page says who suffers, how much, since when, and when the budget is gone", opened()),
		of("a service without a journey is named as it is written", opened(noJourney)),
		of("a journey that is no verb stays as given", opened(define(func(d *slo.Definition) { d.Journey = "checkout" }))),
		of("a total outage", opened(with(312, 312))),
		of("all but a few", opened(with(4790, 4816))),
		of("a simple fraction", opened(with(1445, 4816))),
		of("a small share is a percentage", opened(with(111, 4816))),
		of("a tiny share", opened(with(211, 481600))),
		of("one event", opened(with(1, 1))),
		of("fractions of events are rounded", opened(with(2.6, 10.4))),
		of("no count yet: the policy's long window speaks", opened(with(0, 0))),
		of("the budget is spent", opened(left(-0.4))),
		of("budget is left and no end in sight", opened(left(0.62))),
		of("almost all of the budget is left", opened(left(0.9996))),
		of("the budget is unknown", opened(func(t *slo.Transition) { t.Status.Budget = slo.BudgetStatus{} })),
		of("a rate that never spends the budget of a rolling window", opened(func(t *slo.Transition) { t.Status.Budget.GoneIn = 31 * day })),
		of("four weeks are no month", opened(rolling(28*day))),
		of("a week's budget", opened(rolling(7*day))),
		of("an hour's budget", opened(rolling(time.Hour))),
		of("an odd window", opened(rolling(14*day))),
		of("a demo's window", opened(rolling(20*time.Minute))),
		of("gone within seconds", opened(func(t *slo.Transition) { t.Status.Budget.GoneIn = 40 * time.Second })),
		of("gone in days", opened(func(t *slo.Transition) { t.Status.Budget.GoneIn = 76 * time.Hour })),
		of("one region", opened(groups(region("eu-west")))),
		of("a further region joins", joined()),
		of("many regions", joined(groups(region("a"), region("b"), region("c"), region("d"), region("e"), region("f")))),
		of("bad events that total does not hold", opened(with(4850, 4816))),
		of("good events that total does not hold", opened(with(-3, 4816))),
		of("a label that is a text of its own", opened(groups(slo.NewLabels("path", "/search?q="+strings.Repeat("ü", 2000)+"\n"), region("a\tb\nc")))),
		of("tenants", opened(groups(slo.NewLabels("tenant", "acme")))),
		of("several labels", opened(groups(slo.NewLabels("region", "eu", "tier", "1"), slo.NewLabels("region", "us", "tier", "1")))),
		of("a page again", opened(third)),
		of("a page that rose from a ticket", opened(func(t *slo.Transition) { t.Incident.Replaces = "k0" })),
		{"the ticket that rose", func(o TextOptions) Message {
			return roseText(opened(func(t *slo.Transition) { t.Incident.Replaces = "k0" }), "k0", Message{}, o)
		}},
		of("a ticket", opened(with(40, 48160), func(t *slo.Transition) { t.Incident.Severity = slo.Ticket }, left(0.88))),
		of("started yesterday", opened(func(t *slo.Transition) { t.Incident.Started = clockTime(14, 2).Add(-day) })),
		of("messages, not requests", opened(define(func(d *slo.Definition) {
			d.Service, d.Journey = "mailer", ""
			d.SLI.Events.Total[0].Selector.Name = "mail_messages_total"
		}))),
		of("what is counted is unknown", opened(define(func(d *slo.Definition) { d.SLI.Events.Total[0].Selector.Name = "widgets_total" }))),
		of("slow", opened(slow)),
		of("all slow", opened(slow, with(31, 31))),
		of("slow, and no count yet", opened(slow, with(0, 0))),
		of("slow by a share", opened(slow, with(2071, 4816))),
		of("slow again in a region", opened(slow, third, groups(region("eu-west")))),
		of("slow by seconds", opened(slow, define(func(d *slo.Definition) { d.SLI.Latency.Threshold = 2500 * time.Millisecond }))),
		of("bad minutes of an SLO that counts minutes", opened(sliced(slo.Timeslices, time.Minute), with(3, 12))),
		of("slow minutes are counted as minutes", opened(slow, sliced(slo.Timeslices, time.Minute), with(3, 12))),
		of("bad slices of an odd length", opened(sliced(slo.Timeslices, 5*time.Minute), with(1, 1))),
		of("minutes that are bad in part", opened(sliced(slo.RatioTimeslices, time.Minute), with(0.23, 5))),
		of("a ratio by query", opened(byRatio, with(0.23, 5))),
		of("a ratio by query, and no count yet", opened(byRatio, with(0, 0))),
		of("a ratio by query recovered", closed(byRatio, left(0.51), with(0.23, 5))),
		of("a ratio by query was over when its data came", opened(bygones, byRatio, with(0.23, 5))),
		of("an SLO of SLOs", opened(define(func(d *slo.Definition) { d.SLI = slo.SLI{Composite: &slo.CompositeSLI{}} }), with(570, 1880))),
		of("samples of a gauge", opened(define(func(d *slo.Definition) { d.SLI = slo.SLI{Samples: &slo.SamplesSLI{}} }), with(3, 12))),
		of("recovered", closed(left(0.51))),
		of("recovered, budget spent", closed(left(-0.2))),
		of("recovered in a region", closed(left(0.51), groups(region("eu-west")))),
		of("slow no more", closed(slow, left(0.51))),
		of("recovered the next day", closed(left(0.51), func(t *slo.Transition) { t.At = t.At.Add(day) })),
		of("the traffic ended before the failures did", closed(left(0.51), ended(slo.EndingIdle, "no events for 1h: the service is idle"))),
		of("the SLO was removed", closed(left(0.51), ended(slo.EndingRemoved, "the SLO was removed from the configuration"))),
		of("one of two regions fell silent", closed(left(0.51), groups(region("a"), region("b")), ended(slo.EndingIdle, "no page policy has fired for 5m while events arrived"))),
		{"removed before it could be sent", func(o TextOptions) Message {
			return overText(closed(left(0.51), ended(slo.EndingRemoved, "the SLO was removed from the configuration")), o)
		}},
		{"over before it could be sent", func(o TextOptions) Message { return overText(closed(left(0.51)), o) }},
		of("it was over when its data came", opened(bygones)),
		of("it was slow and over when its data came", opened(bygones, slow)),
		of("no traffic", opened(noData())),
		of("no traffic, and no journey", opened(noData(), define(func(d *slo.Definition) { d.Journey = "" }))),
		of("no series reports", opened(noData(func(d *slo.Darkness) { d.Silent = true }))),
		of("no series reports of an SLO without known traffic", opened(noData(func(d *slo.Darkness) { d.Silent, d.Usual = true, 0 }), asTicket)),
		of("far less traffic than a week ago", opened(noData(func(d *slo.Darkness) { d.Collapsed, d.Usual, d.Now = true, 4100, 210 }))),
		of("a ticket without data that rose to a page", opened(noData(), func(t *slo.Transition) { t.Incident.Replaces = "k0" })),
		of("traffic arrives again", closed(noData())),
		of("data arrives again", closed(noData(func(d *slo.Darkness) { d.Silent = true }), asTicket)),
		of("removed while dark", closed(noData(), ended(slo.EndingRemoved, "the SLO was removed from the configuration"))),
		of("blind to a job", opened(blind("job=checkout", slo.NewLabels("job", "checkout"), 200))),
		of("blind to one instance", opened(blind("job=checkout", slo.NewLabels("job", "checkout", "instance", "a:9090"), 2))),
		of("blind to everything", opened(blind("everything", nil, 12))),
		of("blind, as the store can't be read", opened(blind("storage", nil, 1))),
		of("several without traffic", opened(blind("job=checkout", slo.NewLabels("job", "checkout"), 2), func(t *slo.Transition) { t.Dark.Silent = false })),
		of("a job is seen again", closed(blind("job=checkout", slo.NewLabels("job", "checkout"), 200))),
		of("everything is seen again", closed(blind("everything", nil, 12))),
		{"seen again before it could be sent", func(o TextOptions) Message { return overText(closed(blind("everything", nil, 12)), o) }},
		of("without a definition the ID has to do", opened(func(t *slo.Transition) { t.Definition = nil })),
	}
}

func TestTextsReadAsAPersonWouldWriteThem(t *testing.T) {
	var b strings.Builder
	for _, c := range textCases() {
		m := c.text(TextOptions{ExternalURL: "https://burnline.example.com"})
		b.WriteString("# " + c.name + "\n" + m.Summary + "\n\n")
		if strings.Contains(m.Summary, "customer") {
			t.Errorf("%s: says customers, whom nobody counted: %s", c.name, m.Summary)
		}
		if strings.Contains(m.Summary, "  ") || !strings.HasSuffix(m.Summary, ".") || utf8.RuneCountInString(m.Summary) > 300 {
			t.Errorf("%s: is not a tidy sentence: %q", c.name, m.Summary)
		}
	}
	golden(t, "texts.golden", b.String())
}

func TestAMessageCarriesTheFactsBehindIt(t *testing.T) {
	var b strings.Builder
	for _, c := range []textCase{
		of("page", opened(func(t *slo.Transition) {
			t.Incident.Group = slo.NewLabels("region", "eu west/1")
			t.Incident.Groups = []slo.Labels{t.Incident.Group}
		})),
		of("resolve", closed()),
		of("no traffic", opened(noData())),
		of("blind to a job", opened(blind("job=checkout", slo.NewLabels("job", "checkout"), 22))),
	} {
		m := c.text(TextOptions{ExternalURL: "https://burnline.example.com/"})
		b.WriteString("# " + c.name + "\n" + m.Summary + "\nsource " + m.Source + ", component " + m.Component + ", class " + m.Class + "\n")
		for _, l := range m.Links {
			b.WriteString("link " + l.Text + " → " + l.Href + "\n")
		}
		for _, d := range m.Details {
			b.WriteString(d.Name + ": " + d.Value + "\n")
		}
		b.WriteString("\n")
	}
	golden(t, "facts.golden", b.String())
}

func TestAMessageListsNoMoreGroupsThanAPersonReads(t *testing.T) {
	var many []slo.Labels
	for i := range 1000 {
		many = append(many, slo.NewLabels("tenant", strconv.Itoa(i)))
	}
	m := Text(joined(groups(many...)), TextOptions{})
	if n := len(m.Details); n > 60 {
		t.Errorf("the message has %d details", n)
	}
	want := Detail{Name: "further groups", Value: "980"}
	if !slices.Contains(m.Details, want) || !slices.Contains(m.Details, Detail{Name: "group 20", Value: `{tenant="19"}`}) {
		t.Errorf("details are %v, want 20 groups and %v", m.Details, want)
	}
}

func TestTimesFollowTheLocation(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	got := Text(opened(), TextOptions{Location: berlin}).Summary
	if want := "since 15:02 CET"; !strings.Contains(got, want) {
		t.Errorf("got %q, want it to say %q", got, want)
	}
}

func TestWithoutAnAddressThereAreNoLinksToPagesOfOurs(t *testing.T) {
	m := Text(opened(), TextOptions{})
	if len(m.Links) != 1 || m.Links[0].Text != "Runbook" {
		t.Errorf("got links %v, want the runbook alone", m.Links)
	}
	m = Text(opened(define(func(d *slo.Definition) { d.Annotations["runbook"] = "javascript:alert(1)" })), TextOptions{})
	if len(m.Links) != 0 {
		t.Errorf("a runbook that is no web address became a link: %v", m.Links)
	}
}

// golden compares a text with a file of testdata, or writes it by -update.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("read golden file: %v (go test -update writes it)", err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test -update writes it anew. Got:\n%s", path, got)
	}
}
