// Package paging tests the outbox, a store and PagerDuty's sender together, in
// processes that are killed.
package paging

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"burnline/alerting"
	"burnline/alerting/pagerduty"
	"burnline/internal/harness/postgres"
	"burnline/slo"
	"burnline/storage/state"
)

// roleEnv holds the role in which the test's binary plays the process that is killed.
const roleEnv = "PAGING_TEST_ROLE"

// The routing keys of the receiver and of its fallback, of the documented form.
const (
	key         = "0123456789abcdef0123456789ABCDEF"
	fallbackKey = "fedcba9876543210fedcba9876543210"
)

// role is what a process does.
type role struct {
	// Dir is the data folder, or DSN the database. URL is PagerDuty's.
	Dir, DSN, URL string
	// Round names the incidents, of which there are Stories; Whole opens each, waits for
	// it to be told, and closes it then.
	Round   string
	Stories int
	Whole   bool
	// Kill says at which moment of its first send the process kills itself: before,
	// during or after; "" lives on.
	Kill string
	// Trouble is what stands in the way of the first two sends: dns or tls.
	Trouble string
	// Slow takes the real time-outs, and not those that make a test quick.
	Slow bool
}

// server is the PostgreSQL of this package's tests.
var server *postgres.Server

func TestMain(m *testing.M) {
	if text := os.Getenv(roleEnv); text != "" {
		var r role
		err := json.Unmarshal([]byte(text), &r)
		if err == nil {
			err = r.play(context.Background())
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	var err error
	if server, err = postgres.Start(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "start PostgreSQL for the tests:", err)
		os.Exit(1)
	}
	code := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "stop PostgreSQL:", err)
		code = 1
	}
	os.Exit(code)
}

// start starts a process in a role. It dies with the test.
func (r role) start(t *testing.T) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), roleEnv+"="+string(text))
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd
}

// play commits every story from the start, as an engine that was restarted
// would, delivers, and returns when nothing is left to deliver.
func (r role) play(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	store, err := state.Open(ctx, state.Options{Dir: r.Dir, DSN: r.DSN})
	if err != nil {
		return err
	}
	senders, err := r.senders()
	if err != nil {
		return err
	}
	o := alerting.DelivererOptions{Store: store, Senders: senders, Now: time.Now}
	if !r.Slow {
		o.Poll, o.SendTimeout, o.Lease = 10*time.Millisecond, 300*time.Millisecond, 500*time.Millisecond
		o.MinBackoff, o.MaxBackoff = 10*time.Millisecond, 50*time.Millisecond
	}
	deliverer, err := alerting.NewDeliverer(o)
	if err != nil {
		return err
	}
	router, err := alerting.NewRouter(alerting.Options{Store: store, Now: time.Now, Wake: deliverer.Wake, Poll: 20 * time.Millisecond,
		Config: alerting.Config{Route: alerting.Route{Receiver: "oncall"}, Receivers: []alerting.ReceiverConfig{
			{Name: "oncall", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}, Fallback: "backup"},
			{Name: "backup", Integrations: []alerting.Integration{{Name: "pagerduty/0"}}},
		}}})
	if err != nil {
		return err
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 2)
	go func() { ended <- deliverer.Run(run) }()
	go func() { ended <- router.Run(run) }()
	err = r.tell(ctx, router, store)
	stop()
	return errors.Join(err, <-ended, <-ended, store.Close())
}

// tell commits the stories and waits until the outbox is empty.
func (r role) tell(ctx context.Context, router *alerting.Router, store *state.Store) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for i := range 2 * r.Stories {
		// Each incident closes a few steps after it opened.
		after := 5
		if r.Whole {
			after = r.Stories
		}
		for _, t := range []slo.Transition{r.step(slo.IncidentOpened, i), r.step(slo.IncidentClosed, i-after)} {
			if t.Incident.Key == "" {
				continue
			}
			if r.Whole && t.Kind == slo.IncidentClosed {
				if err := told(ctx, store, t.Incident.Key); err != nil {
					return err
				}
			}
			if err := router.Commit(ctx, t); err != nil {
				return err
			}
		}
		<-tick.C
	}
	return until(ctx, func() (bool, error) {
		depth, _, err := store.OutboxDepth(ctx, time.Now())
		return depth == 0, err
	})
}

// told waits until somebody was told of an incident.
func told(ctx context.Context, store *state.Store, key string) error {
	return until(ctx, func() (bool, error) {
		record, _, err := store.Incident(ctx, key)
		for _, row := range record.Rows {
			if row.State == alerting.RowDelivered {
				return true, err
			}
		}
		return false, err
	})
}

// until polls.
func until(ctx context.Context, is func() (bool, error)) error {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if done, err := is(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// step is a transition of story n at its data time, the same in every run; it
// has no key when there is no such story.
func (r role) step(kind slo.TransitionKind, n int) slo.Transition {
	if n < 0 || n >= r.Stories {
		return slo.Transition{}
	}
	start := time.Unix(1_700_000_000, 0).Add(time.Duration(n) * time.Minute)
	at := start.Add(time.Second)
	if kind == slo.IncidentClosed {
		at = start.Add(time.Hour)
	}
	return slo.Transition{Kind: kind, At: at, Since: slo.Counts{Total: 1}, Incident: slo.Incident{
		Key: fmt.Sprintf("%sk%02d", r.Round, n), SLO: fmt.Sprintf("shop/%s%02d", r.Round, n), Severity: slo.Page, Started: start, Opened: start, Number: 1}}
}

// senders are PagerDuty's, with the trouble and the kill of the role in their way.
func (r role) senders() (func(receiver, integration string) (alerting.Sender, bool), error) {
	var sends atomic.Int64
	of := func(key, url string, transport http.RoundTripper) (alerting.Sender, error) {
		c := pagerduty.DefaultConfig()
		c.RoutingKey, c.URL = key, url
		sender, err := pagerduty.New(c, pagerduty.Options{Transport: transport})
		return killing{sender, r.Kill, r.Trouble, &sends, nil}, err
	}
	oncall, err := of(key, r.URL, nil)
	if err != nil {
		return nil, err
	}
	backup, err := of(fallbackKey, r.URL, nil)
	if err != nil {
		return nil, err
	}
	broken := map[string]http.RoundTripper{
		"dns": &http.Transport{DialContext: (&net.Dialer{Resolver: &net.Resolver{PreferGo: true,
			Dial: func(context.Context, string, string) (net.Conn, error) {
				return nil, errors.New("no name server answers")
			}}}).DialContext},
		"tls": &http.Transport{TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12}},
	}[r.Trouble]
	if broken != nil {
		url := strings.Replace(r.URL, "http:", "https:", 1)
		if r.Trouble == "dns" {
			url = "http://events.pagerduty.example/v2/enqueue"
		}
		k := oncall.(killing)
		if k.troubled, err = of(key, url, broken); err != nil {
			return nil, err
		}
		oncall = k
	}
	return func(receiver, _ string) (alerting.Sender, bool) {
		if receiver == "backup" {
			return backup, true
		}
		return oncall, true
	}, nil
}

// killing is a sender whose process dies at a moment of its first send.
type killing struct {
	alerting.Sender
	kill, trouble string
	sends         *atomic.Int64
	// troubled sends what comes before the trouble is over; nil without trouble.
	troubled alerting.Sender
}

// Destination implements alerting.Sender: without PagerDuty's limit, which would make most
// of these tests wait a minute and has tests of its own.
func (k killing) Destination() alerting.Destination {
	return alerting.Destination{Name: k.Sender.Destination().Name}
}

// Send implements alerting.Sender.
func (k killing) Send(ctx context.Context, row alerting.Row) alerting.Result {
	if n := k.sends.Add(1); k.troubled != nil && n <= 2 {
		if k.kill == "during" && n == 2 {
			die() // such a send has no middle that a receiver could see
		}
		return k.troubled.(killing).Sender.Send(ctx, row)
	}
	switch k.kill {
	case "before":
		die()
	case "during":
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { die() }})
	}
	result := k.Sender.Send(ctx, row)
	if k.kill == "after" {
		die()
	}
	return result
}

// die ends the process as kill -9 does.
func die() {
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way
}
