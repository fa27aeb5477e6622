package main

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/postgres"
	"burnline/slo"
)

// matrixEnv asks for the whole matrix, with an outage of ten minutes; without it a part
// is played in which every fault and every moment occurs, with a short one.
const matrixEnv = "BURNLINE_MATRIX"

// What a cell of the matrix may say, where all is well.
const (
	once       = "delivered once as an incident"
	byFallback = "refused, and told once as an incident by the fallback"
	byReload   = "refused, and delivered once as an incident after a reload with the right key"
)

// trouble is one way in which PagerDuty can't be reached.
type trouble struct {
	name string
	// fault is what the stand-in does to a send, where it is the stand-in's.
	fault pagerduty.Fault
	// how the trouble comes about, where it isn't.
	how func(c *ordeal)
	// told is true where the first send may have done all, so that after it there is nothing
	// left at which to kill.
	told bool
	want string
}

// troubles are the rows of the matrix.
func troubles(outage time.Duration) []trouble {
	return []trouble{
		{name: "no fault", how: (*ordeal).sound, told: true},
		{name: "429 with Retry-After", fault: pagerduty.Throttle("2")},
		{name: "500", fault: pagerduty.Answer(http.StatusInternalServerError, "")},
		{name: "400, a fallback receiver", how: (*ordeal).fallback, want: byFallback},
		{name: "400, the key put right", how: (*ordeal).wrongKey, want: byReload},
		{name: "413", fault: pagerduty.Answer(http.StatusRequestEntityTooLarge, ""), told: true},
		{name: "time-out", fault: pagerduty.Fault{Hang: true}},
		{name: "half-closed connection", fault: pagerduty.Fault{Half: true, Accept: true}},
		{name: "DNS failure", how: (*ordeal).nameless},
		{name: "200 instead of 202", fault: pagerduty.Answer(http.StatusOK, "<html>welcome</html>")},
		{name: "slow body", fault: pagerduty.Fault{Status: http.StatusAccepted, Slow: true, Accept: true, Body: `{"status":`}},
		{name: "TLS error", how: (*ordeal).distrusted},
		{name: "outage of " + slo.FormatDuration(outage), how: func(c *ordeal) { c.outage(outage) }},
	}
}

// ordeal is one cell of the matrix: an alert is told by a server that is killed twice, at its first
// send, which meets the trouble, and at the first one that doesn't.
type ordeal struct {
	*story
	trouble trouble
	at      sendMoment
	front   *front
	alert   harness.Alert
	// more is what the configuration says beside alerting.
	more []string
}

// TestEveryFaultAndKillDeliversOnceAsAnIncident plays cells of the matrix with the real program.
func TestEveryFaultAndKillDeliversOnceAsAnIncident(t *testing.T) {
	t.Parallel()
	whole, outage := os.Getenv(matrixEnv) != "", 10*time.Second
	if whole {
		outage = 10 * time.Minute
	}
	database := postgres.Run(t)
	engines := map[string]func(*testing.T) []string{
		"SQLite":     func(*testing.T) []string { return nil },
		"PostgreSQL": func(t *testing.T) []string { return []string{fmt.Sprintf("state: {dsn: %q}", database.Database(t))} },
	}
	m := matrix{rows: troubles(outage), engines: []string{"SQLite", "PostgreSQL"}, results: map[string]string{}}
	slots := make(chan struct{}, 6) // most cells wait most of the time
	var cells sync.WaitGroup
	for _, c := range m.cells(whole) {
		cells.Go(func() {
			if !c.waits {
				slots <- struct{}{}
				defer func() { <-slots }()
			}
			t.Run(c.name(), func(t *testing.T) {
				got := newOrdeal(t, c.trouble, c.at, engines[c.engine](t)...).play()
				m.note(c, got)
				if want := cmp.Or(c.trouble.want, once); got != want {
					t.Errorf("%s, want %s", got, want)
				}
			})
		})
	}
	cells.Wait()
	t.Log("\n" + m.print())
}

// place is where an ordeal stands in the matrix.
type place struct {
	trouble trouble
	at      sendMoment
	engine  string
	// waits is true where it does little else for minutes.
	waits bool
}

// name names the cell.
func (p place) name() string {
	return fmt.Sprintf("%s, killed %s the send, on %s", p.trouble.name, p.at, p.engine)
}

// matrix gathers what became of the cells.
type matrix struct {
	rows    []trouble
	engines []string

	mu      sync.Mutex
	results map[string]string
}

// cells are all of them, or one of each row, in which every moment and engine occurs.
func (m *matrix) cells(whole bool) (all []place) {
	for i, row := range m.rows {
		for j, at := range moments() {
			for k, engine := range m.engines {
				if whole || j == i%len(moments()) && k == i/len(moments())%len(m.engines) {
					all = append(all, place{row, at, engine, whole && i == len(m.rows)-1})
				}
			}
		}
	}
	return all
}

// note takes note of the end of a cell.
func (m *matrix) note(p place, result string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.results[p.name()] = result
}

// print prints what was played.
func (m *matrix) print() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "fault\tkill -9\t%s\n", strings.Join(m.engines, "\t"))
	sums := map[string]int{}
	for _, row := range m.rows {
		for _, at := range moments() {
			line, any := fmt.Sprintf("%s\t%s the send", row.name, at), ""
			for _, engine := range m.engines {
				got := m.results[place{trouble: row, at: at, engine: engine}.name()]
				line, any = line+"\t"+cmp.Or(got, "-"), any+got
				if got != "" {
					sums[got]++
				}
			}
			if any != "" {
				fmt.Fprintln(w, line)
			}
		}
	}
	_ = w.Flush() // a builder takes everything
	for _, result := range slices.Sorted(maps.Keys(sums)) {
		fmt.Fprintf(&text, "%d cells: %s\n", sums[result], result)
	}
	return text.String()
}

// newOrdeal prepares a cell in which PagerDuty is sound.
func newOrdeal(t *testing.T, trouble trouble, at sendMoment, more ...string) *ordeal {
	t.Helper()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey, teamKey}})
	c := &ordeal{story: s, trouble: trouble, at: at, front: newFront(s), alert: paging("DiskFull"), more: more}
	c.write("key", routingKey)
	c.oncallAt(c.front.url)
	return c
}

// oncallAt writes the configuration, with PagerDuty at an address and what more there is of receivers.
func (c *ordeal) oncallAt(url string, receivers ...string) {
	c.t.Helper()
	c.configure(fmt.Sprintf(`
alerting:
  global: {resolve_timeout: 2h}
  route: {receiver: oncall}
  receivers:
    - {name: oncall, pagerduty_configs: [{url: %q, routing_key_file: key}]%s}
`, url, strings.Join(receivers, "")), c.more...)
}

// play plays the cell and says how it ended.
func (c *ordeal) play() string {
	if c.trouble.how != nil {
		c.trouble.how(c)
	} else {
		c.faulty()
	}
	c.start()
	c.eventually("the incident", func() bool { return len(c.stand.Incidents()) > 0 })
	c.alert.EndsAt = time.Now()
	c.told(c.alert)
	c.eventually("its end, and nothing that is left to send", func() bool {
		open, _ := c.incidents()
		return open == 0 && c.metric("burnline_outbox_pending_rows") == 0
	})
	return c.verdict()
}

// verdict says what PagerDuty has.
func (c *ordeal) verdict() string {
	incidents := c.stand.Incidents()
	if len(incidents) != 1 {
		return fmt.Sprintf("made %d incidents", len(incidents))
	}
	if n := incidents[0].Notifications; n != 1 {
		return fmt.Sprintf("woke somebody %d times", n)
	}
	if incidents[0].RoutingKey == teamKey {
		return byFallback
	}
	if c.trouble.want == byReload {
		return byReload
	}
	return once
}
