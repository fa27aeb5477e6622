package paging

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"

	standin "burnline/internal/harness/pagerduty"
)

// failure is one way in which PagerDuty can't be reached.
type failure struct {
	name string
	// script is what the stand-in does to the first requests.
	script []standin.Fault
	// trouble is what stands in the way of the first two sends.
	trouble string
	// refuses is true where PagerDuty never takes the page, so that the fallback is told.
	refuses bool
}

// failures are the rows of the matrix.
func failures() []failure {
	twice := func(f standin.Fault) []standin.Fault { return []standin.Fault{f, f} }
	outage := make([]standin.Fault, 40)
	for i := range outage {
		outage[i] = standin.Answer(http.StatusServiceUnavailable, "")
	}
	return []failure{
		{name: "no fault"},
		{name: "429 with Retry-After", script: twice(standin.Throttle("1"))},
		{name: "500", script: twice(standin.Answer(http.StatusInternalServerError, ""))},
		{name: "400", refuses: true},
		{name: "413", script: []standin.Fault{standin.Answer(http.StatusRequestEntityTooLarge, "")}},
		{name: "time-out", script: twice(standin.Fault{Hang: true})},
		{name: "half-closed connection", script: twice(standin.Fault{Half: true, Accept: true})},
		{name: "DNS failure", trouble: "dns"},
		{name: "200 instead of 202", script: twice(standin.Answer(http.StatusOK, "<html>welcome</html>"))},
		{name: "slow body", script: twice(standin.Fault{Status: http.StatusAccepted, Slow: true, Accept: true, Body: `{"status":`})},
		{name: "TLS error", trouble: "tls"},
		{name: "long outage", script: outage},
	}
}

// moments are when the process is killed.
func moments() []string { return []string{"before", "during", "after"} }

// Every cell opens an incident, tells it, and ends it, in a process that is killed at its
// first send and started again.
func TestEveryFaultAndKillDeliversOnceAsAnIncident(t *testing.T) {
	type cell struct {
		f              failure
		moment, engine string
	}
	var cells []cell
	for _, f := range failures() {
		for _, moment := range moments() {
			for _, engine := range []string{"SQLite", "PostgreSQL"} {
				cells = append(cells, cell{f, moment, engine})
			}
		}
	}
	results := make([]string, len(cells))
	slots := make(chan struct{}, 4)
	var group sync.WaitGroup
	for i, c := range cells {
		r := role{Round: "m", Stories: 1, Whole: true, Kill: c.moment, Trouble: c.f.trouble}
		if c.engine == "SQLite" {
			r.Dir = t.TempDir()
		} else {
			r.DSN = server.Database(t)
		}
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			results[i] = r.survive(t, c.f)
		})
	}
	group.Wait()
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "fault\tkill -9\tSQLite\tPostgreSQL")
	for i := 0; i < len(cells); i += 2 {
		fmt.Fprintf(w, "%s\t%s the send\t%s\t%s\n", cells[i].f.name, cells[i].moment, results[i], results[i+1])
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	t.Log("\n" + table.String())
	for i, c := range cells {
		want := "delivered once as an incident"
		if c.f.refuses {
			want = "refused, and told by the fallback"
		}
		if results[i] != want {
			t.Errorf("%s, killed %s the send, on %s: %s, want %s", c.f.name, c.moment, c.engine, results[i], want)
		}
	}
}

// survive plays a cell and says how it ended.
func (r role) survive(t *testing.T, f failure) string {
	o := standin.Options{Rate: -1}
	if f.refuses {
		o.Keys = []string{fallbackKey}
	}
	pd := standin.New(o)
	if err := pd.Start(t.Context()); err != nil {
		return err.Error()
	}
	defer func() { _ = pd.Close() }() // what was received has been counted
	pd.Script(f.script...)
	r.URL = pd.URL()
	if err := r.start(t).Wait(); err == nil {
		return "was not killed"
	}
	r.Kill = ""
	if err := r.start(t).Wait(); err != nil {
		return "failed by itself: " + err.Error()
	}
	incidents := pd.Incidents()
	if len(incidents) != 1 {
		return fmt.Sprintf("made %d incidents", len(incidents))
	}
	switch in := incidents[0]; {
	case in.Status != standin.Resolved:
		return "left the incident " + string(in.Status)
	case in.RoutingKey == fallbackKey:
		return "refused, and told by the fallback"
	case in.DedupKey != "mk00":
		return "made another incident"
	}
	return "delivered once as an incident"
}
