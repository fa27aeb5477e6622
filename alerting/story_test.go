package alerting_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting"
	"burnline/slo"
	"burnline/storage/state"
)

// story is a router and a deliverer on a real SQLite store, within a bubble of
// virtual time, and a receiver that answers as it is told.
type story struct {
	t      *testing.T
	store  *state.Store
	router *alerting.Router
	// serving is the router that the deliverer knows.
	serving   atomic.Pointer[alerting.Router]
	deliverer *alerting.Deliverer
	receiver  *receiver
	registry  *prometheus.Registry
	start     time.Time
	// ahead is by how much the wall clock was set, in nanoseconds.
	ahead atomic.Int64
	stop  context.CancelFunc
	// stopAlerts stops what tells groups that are due.
	stopAlerts func()
	ended      chan error
	// shadow is who is not told for real.
	shadow atomic.Pointer[alerting.Shadow]
	// seen is how many rows of each incident were looked at.
	seen map[string]int
}

// receiver is the far end: it answers from a script, then accepts.
type receiver struct {
	mu     sync.Mutex
	start  time.Time
	script []alerting.Result
	gone   bool
	// known is the one receiver that is configured; "" knows all.
	known string
	slow  func(context.Context, alerting.Row)
	// failing are the receivers that answer with failure whatever the script says, with commas between.
	failing string
	failure alerting.Result
	// perMinute is the limit of the one destination; ends gives each receiver one of its own.
	perMinute int
	ends      bool
	log       []string
	// told is what a person reads: receiver, action, alerts and summary.
	told []string
	// wide logs who is told, how urgently and with which text; verdicts adds the answer
	// before the text.
	wide, verdicts bool
}

// Send implements alerting.Sender.
func (r *receiver) Send(ctx context.Context, row alerting.Row) alerting.Result {
	if r.slow != nil {
		r.slow(ctx, row)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	answer := alerting.Result{Verdict: alerting.VerdictAccepted, Answer: "202"}
	if slices.Contains(strings.Split(r.failing, ","), row.Receiver) {
		return r.failure
	}
	if len(r.script) > 0 {
		answer, r.script = r.script[0], r.script[1:]
	}
	r.told = append(r.told, fmt.Sprintf("%s %s %s%s: %s", time.Since(r.start).Truncate(time.Second), row.Receiver, row.Action, hosts(row.Alerts), row.Message.Summary))
	if r.wide {
		if r.verdicts {
			row.Message.Summary = string(answer.Verdict) + ": " + row.Message.Summary
		}
		r.log = append(r.log, fmt.Sprintf("%s %s: %s %s of %s: %s", time.Since(r.start).Round(time.Second), row.Receiver, row.Action,
			row.Message.Severity, row.Key, row.Message.Summary))
		return answer
	}
	r.log = append(r.log, fmt.Sprintf("%s %s %s: %s", time.Since(r.start).Round(time.Millisecond), row.Key, row.Action, answer.Verdict))
	return answer
}

// hosts lists a row's alerts: firing a b resolved c.
func hosts(alerts []alerting.AlertStatus) string {
	of := map[string][]string{}
	for _, a := range alerts {
		of[a.Status] = append(of[a.Status], a.Labels.Get("host"))
	}
	text := ""
	for _, status := range []string{alerting.AlertFiring, alerting.AlertResolved} {
		if len(of[status]) > 0 {
			slices.Sort(of[status])
			text += " " + status + " " + strings.Join(of[status], " ")
		}
	}
	return text
}

// Destination implements alerting.Sender.
func (r *receiver) Destination() alerting.Destination {
	return alerting.Destination{Name: "receiver", PerMinute: r.perMinute}
}

// end is a receiver with a destination of its own.
type end struct {
	*receiver
	name string
}

// Destination implements alerting.Sender.
func (e end) Destination() alerting.Destination {
	return alerting.Destination{Name: e.name, PerMinute: e.perMinute}
}

// lines returns what was sent so far, with the time since the start.
func (r *receiver) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.log)
}

// sender is the deliverer's view of the configuration.
func (r *receiver) sender(name, _ string) (alerting.Sender, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ends {
		return end{r, name}, true
	}
	return r, !r.gone && (r.known == "" || r.known == name)
}

// onlyKnows says which receiver alone is configured.
func (r *receiver) onlyKnows(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = name
}

// configured says whether the receiver is configured.
func (r *receiver) configured(is bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = !is
}

// answers queues answers.
func (r *receiver) answers(results ...alerting.Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.script = append(r.script, results...)
}

// tell runs a story in virtual time.
func tell(t *testing.T, play func(s *story)) {
	t.Helper()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := state.Open(context.Background(), state.Options{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		s := &story{t: t, store: store, receiver: &receiver{start: time.Now()}, registry: prometheus.NewRegistry(), start: time.Now()}
		s.deliverer, err = alerting.NewDeliverer(alerting.DelivererOptions{
			Store: store, Senders: s.receiver.sender, Shadow: s.shadowed, Now: s.now, Jitter: func() float64 { return 0 }, Registerer: s.registry,
			Backlog: func(ctx context.Context, waiting []alerting.Backlog) error {
				return s.serving.Load().Backlog(ctx, waiting)
			}})
		if err != nil {
			t.Fatal(err)
		}
		s.router, err = alerting.NewRouter(alerting.Options{Store: store, Alerts: store, Config: oncall(), Now: s.now, Wake: s.deliverer.Wake})
		if err != nil {
			t.Fatal(err)
		}
		s.serving.Store(s.router)
		play(s)
		s.end()
	})
}

// oncall is a configuration with one receiver.
func oncall() alerting.Config {
	return alerting.Config{
		Receivers: []alerting.ReceiverConfig{{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}}},
		Route:     alerting.Route{GroupBy: alerting.Grouping{Each: true}},
	}
}

// shadowed says who is not told for real.
func (s *story) shadowed() alerting.Shadow {
	if set := s.shadow.Load(); set != nil {
		return *set
	}
	return alerting.Shadow{}
}

// goes puts shadow mode in force, as a reload does.
func (s *story) goes(shadow alerting.Shadow) {
	s.t.Helper()
	s.shadow.Store(&shadow)
	config := oncall()
	config.Shadow = shadow
	if err := s.router.Reload(context.Background(), config); err != nil {
		s.t.Fatal(err)
	}
	synctest.Wait()
}

// now is the wall clock.
func (s *story) now() time.Time { return time.Now().Round(0).Add(time.Duration(s.ahead.Load())) }

// run starts the deliverer.
func (s *story) run() {
	ctx, cancel := context.WithCancel(context.Background())
	s.stop, s.ended = cancel, make(chan error, 1)
	go func() { s.ended <- s.deliverer.Run(ctx) }()
}

// end stops the deliverer and waits for it.
func (s *story) end() {
	if s.stopAlerts != nil {
		s.stopAlerts()
		s.stopAlerts = nil
	}
	if s.stop == nil {
		return
	}
	s.stop()
	if err := <-s.ended; err != nil {
		s.t.Errorf("the deliverer ended with %v", err)
	}
	s.stop = nil
}

// commit commits a transition of the incident key now.
func (s *story) commit(kind slo.TransitionKind, key string, change ...func(*slo.Transition)) {
	s.t.Helper()
	at := time.Now()
	t := slo.Transition{Kind: kind, At: at, Since: slo.Counts{Good: 3, Total: 4}, Incident: slo.Incident{
		Key: key, SLO: "shop/" + key, Severity: slo.Page, Started: s.start, Opened: s.start, Number: 1, Groups: []slo.Labels{nil}}}
	for _, c := range change {
		c(&t)
	}
	if err := s.router.Commit(context.Background(), t); err != nil {
		s.t.Fatal(err)
	}
}

// pass lets virtual time pass. Sleeping in a bubble takes no time.
func (s *story) pass(d time.Duration) {
	timer := time.NewTimer(d)
	<-timer.C
	synctest.Wait()
}

// sent fails the test unless exactly this was sent.
func (s *story) sent(want ...string) {
	s.t.Helper()
	if got := s.receiver.lines(); !slices.Equal(got, want) {
		s.t.Errorf("sent:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// rows returns the rows of an incident as "seq action state attempts answer".
func (s *story) rows(key string) []string {
	s.t.Helper()
	record, ok, err := s.store.Incident(context.Background(), key)
	if err != nil || !ok {
		s.t.Fatalf("read incident %s: %v, found %v", key, err, ok)
	}
	var rows []string
	for _, r := range record.Rows {
		rows = append(rows, fmt.Sprintf("%d %s %s %d %s", r.Seq, r.Action, r.State, r.Attempts, r.Answer))
	}
	return rows
}

// kept fails the test unless the incident has exactly these rows.
func (s *story) kept(key string, want ...string) {
	s.t.Helper()
	if got := s.rows(key); !slices.Equal(got, want) {
		s.t.Errorf("rows of %s:\n  %s\nwant:\n  %s", key, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// The answers of the stories.
func retry(answer string) alerting.Result {
	return alerting.Result{Verdict: alerting.VerdictRetry, Answer: answer}
}
func refuse(answer string) alerting.Result {
	return alerting.Result{Verdict: alerting.VerdictRefused, Answer: answer}
}
