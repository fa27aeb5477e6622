package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"text/tabwriter"
	"time"

	"burnline/internal/harness/pagerduty"
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
	alert   outside
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
	database := startPostgres(t)
	engines := []string{"SQLite", "PostgreSQL"}
	results := table{cells: map[string]string{}}
	slots := make(chan struct{}, 8) // most of them wait most of the time
	t.Run("cells", func(t *testing.T) {
		for i, trouble := range troubles(outage) {
			for j, at := range moments() {
				for k, engine := range engines {
					if !whole && (j != i%len(moments()) || k != i/len(moments())%len(engines)) {
						continue
					}
					name := fmt.Sprintf("%s, killed %s the send, on %s", trouble.name, at, engine)
					results.cells[name] = "failed"
					t.Run(name, func(t *testing.T) {
						t.Parallel()
						if outage < time.Minute || !strings.HasPrefix(trouble.name, "outage") { // who waits for minutes holds nobody up
							slots <- struct{}{}
							defer func() { <-slots }()
						}
						var more []string
						if engine == "PostgreSQL" {
							more = append(more, fmt.Sprintf("state: {dsn: %q}", database.Database(t)))
						}
						got, want := newOrdeal(t, trouble, at, more...).play(), trouble.want
						results.note(name, got)
						if want == "" {
							want = once
						}
						if got != want {
							t.Errorf("%s, want %s", got, want)
						}
					})
				}
			}
		}
	})
	t.Log("\n" + results.print(troubles(outage), engines))
}

// table gathers what became of the cells.
type table struct {
	mu    sync.Mutex
	cells map[string]string
}

// note takes note of one.
func (r *table) note(name, result string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cells[name] = result
}

// print prints the cells that were played.
func (r *table) print(rows []trouble, engines []string) string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "fault\tkill -9\t%s\n", strings.Join(engines, "\t"))
	sums := map[string]int{}
	for _, row := range rows {
		for _, at := range moments() {
			line, played := fmt.Sprintf("%s\t%s the send", row.name, at), false
			for _, engine := range engines {
				got, is := r.cells[fmt.Sprintf("%s, killed %s the send, on %s", row.name, at, engine)]
				line, played = line+"\t"+got, played || is
				if is {
					sums[got]++
				}
			}
			if played {
				fmt.Fprintln(w, line)
			}
		}
	}
	_ = w.Flush() // a builder takes everything
	for result, n := range sums {
		fmt.Fprintf(&text, "%d cells: %s\n", n, result)
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
