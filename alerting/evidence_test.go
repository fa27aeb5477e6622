package alerting

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"burnline/slo"
)

// known gives a transition evidence.
func known(change ...func(*slo.Evidence)) func(*slo.Transition) {
	return func(t *slo.Transition) {
		t.Evidence = &slo.Evidence{AsOf: t.At}
		for _, c := range change {
			c(t.Evidence)
		}
	}
}

// customers says how many are hurt of how many.
func customers(hurt, seen float64, change ...func(*slo.Impact)) func(*slo.Evidence) {
	return func(e *slo.Evidence) {
		e.Impact = &slo.Impact{Failed: 1204, Total: 4816, Customers: &slo.Customers{Hurt: hurt, Seen: seen, Attribute: "enduser.id", HurtExact: true},
			Regions: []slo.Part{{Name: "eu-west", Failed: 1190, Total: 1300}, {Name: "us-east", Failed: 14, Total: 3516}}}
		for _, c := range change {
			c(e.Impact)
		}
	}
}

func estimated(i *slo.Impact) { i.Customers.Error, i.Customers.HurtExact = 0.008125, false }

// in adds an explanation.
func in(share, ratio, outside float64, labels ...string) func(*slo.Evidence) {
	return func(e *slo.Evidence) {
		if e.Where == nil {
			e.Where = &slo.Where{Events: 4816, Attributes: []string{"cloud.region", "service.version", "http.route"}}
		}
		e.Where.Explanations = append(e.Where.Explanations, slo.Explanation{Labels: slo.NewLabels(labels...),
			Failed: share * 1204, Total: share * 1204 / ratio, Ratio: ratio, Outside: outside, Baseline: 0.001, Share: share})
	}
}

func everywhere(e *slo.Evidence) {
	e.Where = &slo.Where{Everywhere: true, Events: 4816, Attributes: []string{"cloud.region", "service.version", "http.route"}}
}

func deployed(kind slo.ChangeKind, title string, before time.Duration) func(*slo.Evidence) {
	return func(e *slo.Evidence) {
		e.Changes = append(e.Changes, slo.NearChange{Before: before, Reason: "same service",
			Change: slo.ChangeEvent{ID: "c", Kind: kind, Title: title, At: clockTime(14, 2).Add(-before), Service: "checkout", By: "ci", Link: "https://ci.example.com/42"}})
	}
}

func shows(what ...string) func(*slo.Evidence) {
	return func(e *slo.Evidence) {
		for i, w := range what {
			e.Examples = append(e.Examples, slo.Example{Trace: fmt.Sprintf("%032x", i+1), Span: "01", At: clockTime(14, 3), Duration: 320 * time.Millisecond, What: w})
		}
	}
}

func TestAPageSaysWhoSuffersWhereAndSinceWhichChange(t *testing.T) {
	bank := "payment POST /pay: the bank does not answer"
	var b strings.Builder
	for _, c := range []textCase{
		of("all is known", opened(known(customers(312, 1204), in(0.96, 0.48, 0.001, "cloud.region", "eu-west", "service.version", "2.14.0"),
			deployed(slo.ChangeDeploy, "checkout 2.14.0", 4*time.Minute), shows(bank, bank)))),
		of("one customer", opened(known(customers(1, 1)))),
		of("three customers among a million", opened(known(customers(3, 1_043_210, func(i *slo.Impact) { i.Customers.Error = 0.008 })))),
		of("many customers are an estimate", opened(known(customers(12_437, 80_123, estimated)))),
		of("not all was seen", opened(known(customers(312, 1204, func(i *slo.Impact) { i.AtLeast = true })))),
		of("not all that was sent came as spans", opened(known(customers(312, 1204, func(i *slo.Impact) {
			i.AtLeast, i.Regions = true, []slo.Part{{Name: "eu", Failed: 410, Total: 900}, {Name: "us", Failed: 2, Total: 800}}
		})))),
		of("most failures name no customer", opened(known(customers(312, 1204, func(i *slo.Impact) { i.Customers.Unnamed = 0.7 })))),
		of("nobody is named", opened(known(func(e *slo.Evidence) { e.Impact = &slo.Impact{Failed: 1204, Total: 4816} }))),
		of("everywhere", opened(known(customers(312, 1204), everywhere))),
		of("two causes", opened(known(in(0.6, 0.4, 0.05, "cloud.region", "eu-west"), in(0.3, 0.2, 0.01, "http.route", "/pay", "customer.tier", "gold")))),
		of("a cause that a sample shows", opened(known(in(0.6, 0.4, 0.05, "cloud.region", "eu-west"), func(e *slo.Evidence) { e.Where.Sampled = true }))),
		of("four causes", opened(known(in(0.4, 0.4, 0.05, "a", "1"), in(0.3, 0.2, 0.01, "b", "2"), in(0.1, 0.2, 0.01, "c", "3"), in(0.1, 0.2, 0.01, "d", "4")))),
		of("a flag", opened(known(deployed(slo.ChangeFlag, "new-checkout", 90*time.Second)))),
		of("a version that telemetry showed", opened(known(deployed(slo.ChangeVersion, "payment 2.0.1", 40*time.Second)))),
		of("a change after the start", opened(known(deployed(slo.ChangeConfig, "timeouts", -time.Minute)))),
		of("traces that end in different places", opened(known(shows(bank, "stock GET /stock: timeout")))),
		of("slow", opened(slow, known(customers(312, 1204), in(0.96, 0.48, 0.001, "cloud.region", "eu-west")))),
		of("over", closed(known(customers(312, 1204), deployed(slo.ChangeDeploy, "checkout 2.14.0", 4*time.Minute)))),
	} {
		m := c.text(TextOptions{ExternalURL: "https://burnline.example.com"})
		fmt.Fprintf(&b, "# %s\n%s\n", c.name, m.Summary)
		if c.name == "all is known" {
			for _, l := range m.Links {
				b.WriteString("link " + l.Text + " → " + l.Href + "\n")
			}
		}
		for _, d := range m.Details {
			switch strings.TrimRight(d.Name, " 0123456789") {
			case "customers hurt", "regions", "where", "change", "failing trace", "cost":
				b.WriteString("  " + d.Name + ": " + d.Value + "\n")
			}
		}
		b.WriteString("\n")
	}
	golden(t, "evidence.golden", b.String())
}

func TestASummaryWithEvidenceFitsWhateverItsNamesAre(t *testing.T) {
	long := strings.Repeat("long name ", 40)
	m := Text(opened(func(t *slo.Transition) { t.Definition.Journey, t.Incident.Replaces = long, "k0" }, known(customers(312, 1204),
		in(0.9, 0.4, 0.1, "a."+long, long, "b", long, "c", long), in(0.05, 0.4, 0.1, "d", long, "e", long),
		deployed(slo.ChangeDeploy, long, time.Minute), shows(long))), TextOptions{})
	if n := utf8.RuneCountInString(m.Summary); n > mostSaid {
		t.Errorf("the summary has %d characters: %s", n, m.Summary)
	}
	for _, part := range []string{"1 in 4 requests fails", "312 of 1,204 customers are hurt."} {
		if !strings.Contains(m.Summary, part) {
			t.Errorf("the summary does not say %q: %s", part, m.Summary)
		}
	}
}

func TestOnlyMaterialNewsAreToldAndEachInItsTime(t *testing.T) {
	at := clockTime(14, 4)
	evidence := func(change ...func(*slo.Evidence)) *slo.Evidence {
		e := &slo.Evidence{AsOf: at}
		for _, c := range change {
			c(e)
		}
		return e
	}
	region := func(name string, failed float64) func(*slo.Evidence) {
		return func(e *slo.Evidence) {
			e.Impact.Regions = append(e.Impact.Regions, slo.Part{Name: name, Failed: failed, Total: 5000})
		}
	}
	eu := in(0.96, 0.48, 0.001, "cloud.region", "eu")
	for _, c := range []struct {
		name      string
		told, now *slo.Evidence
		after     time.Duration
		want      string
	}{
		{"nothing is known", nil, nil, time.Hour, ""},
		{"the SLO's own counts are no news", nil, evidence(func(e *slo.Evidence) { e.Impact = &slo.Impact{Failed: 5, Total: 9} }), time.Hour, ""},
		{"the first evidence is told at once", nil, evidence(customers(1, 9)), 0, "what it does to customers is known now"},
		{"the same again", evidence(customers(20, 90)), evidence(customers(20, 90)), time.Hour, ""},
		{"not yet doubled", evidence(customers(20, 90)), evidence(customers(39, 90)), time.Hour, ""},
		{"doubled", evidence(customers(20, 90)), evidence(customers(40, 90)), tellEvery, "customers hurt rose from 20 to 40"},
		{"doubled too soon", evidence(customers(20, 90)), evidence(customers(40, 90)), tellEvery - time.Second, ""},
		{"from one to two is no news", evidence(customers(1, 9)), evidence(customers(2, 9)), time.Hour, ""},
		{"fewer", evidence(customers(40, 90)), evidence(customers(20, 90)), time.Hour, ""},
		{"a further region", evidence(customers(20, 90)), evidence(customers(20, 90), region("ap", 300)), tellEvery, "it hurts a further region: ap"},
		{"a region with the usual few failures", evidence(customers(20, 90)), evidence(customers(20, 90), region("ap", 4)), time.Hour, ""},
		{"a region of which a small share is", evidence(customers(20, 90)), evidence(customers(20, 90), region("ap", 20)), time.Hour, ""},
		{"everywhere becomes somewhere", evidence(customers(20, 90), everywhere), evidence(customers(20, 90), eu), learnEvery, "it is known where"},
		{"somewhere becomes everywhere", evidence(customers(20, 90), eu), evidence(customers(20, 90), everywhere), time.Hour, ""},
		{"a change is named", evidence(eu), evidence(eu, deployed(slo.ChangeDeploy, "x", time.Minute)), learnEvery, "a change before it is known"},
		{"a trace can be shown", evidence(eu), evidence(eu, shows("x")), learnEvery, "there are failing traces to look at"},
		{"what is lost is no news", evidence(eu, shows("x")), nil, time.Hour, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := due(c.told, c.now, at.Add(c.after)); got != c.want {
				t.Errorf("told %q, want %q", got, c.want)
			}
		})
	}
}
