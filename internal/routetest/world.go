package routetest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"burnline/alerting"
	"burnline/alerting/silences"
	"burnline/internal/alertconf"
	"burnline/internal/app"
	"burnline/slo"
	"burnline/storage/state"
)

// world is one virtual day: what a server has for telling people, with a clock that is
// moved by hand.
type world struct {
	day, now time.Time
	setup    app.Rehearsal
	tape     *tape

	store     *state.Store
	router    *alerting.Router
	deliverer *alerting.Deliverer
	keeper    *silences.Keeper
	slos      *promises
	// silenced counts silences, for their IDs.
	silenced int
	// firing are the outside alerts that fire, by their labels in writing.
	firing map[string]slo.Alert
	dir    string
}

// newWorld makes a world in a folder of its own, which close removes.
func newWorld(ctx context.Context, f *File, t *Test) (_ *world, findings slo.Findings, err error) {
	zone, err := time.LoadLocation(f.Timezone)
	if err != nil {
		return nil, nil, err
	}
	day, err := time.ParseInLocation(time.DateOnly, t.Day, zone)
	if err != nil {
		return nil, nil, err
	}
	w := &world{day: day, now: day, firing: map[string]slo.Alert{}}
	w.tape = &tape{now: w.clock}
	if w.dir, err = os.MkdirTemp("", "burnline-test-"); err != nil {
		return nil, nil, fmt.Errorf("make a folder for the test: %w", err)
	}
	defer func() {
		if err != nil || findings != nil {
			err = errors.Join(err, w.close())
		}
	}()
	w.setup, findings, err = app.Rehearse(app.RehearsalSource{Path: f.Config, Alerting: f.Alerting, SLOs: f.SLOs},
		alertconf.Options{Now: w.clock, Rehearsal: &alertconf.Rehearsal{Transport: w.tape, Mail: w.tape.mail, Dir: w.dir}})
	if err != nil || findings != nil {
		return nil, findings, err
	}
	return w, nil, w.build(ctx, zone)
}

// build makes the parts in the order in which a server does.
func (w *world) build(ctx context.Context, zone *time.Location) error {
	var err error
	w.slos = newPromises(w.setup.Definitions, w.clock)
	if w.store, err = state.Open(ctx, state.Options{Dir: w.dir}); err != nil {
		return fmt.Errorf("open the test's state: %w", err)
	}
	if w.deliverer, err = alerting.NewDeliverer(alerting.DelivererOptions{
		Store: w.store, Senders: w.sender, Now: w.clock, Jitter: func() float64 { return 0 },
	}); err != nil {
		return fmt.Errorf("build the deliverer: %w", err)
	}
	if w.router, err = alerting.NewRouter(alerting.Options{
		Store: w.store, Alerts: w.store, Config: w.setup.Config, ExternalURL: w.setup.ExternalURL, Location: zone,
		Now: w.clock, Statuses: w.slos.statuses,
	}); err != nil {
		return fmt.Errorf("build the router: %w", err)
	}
	if w.keeper, err = silences.New(silences.Options{
		Store: w.store, World: w.silenceable, Changed: w.router.SetSilences, Limits: func() silences.Limits { return w.setup.Silences },
		Now: w.clock, NewID: w.silenceID,
	}); err != nil {
		return err
	}
	return w.router.Reload(ctx, w.setup.Config)
}

func (w *world) close() error {
	var err error
	if w.store != nil {
		err = w.store.Close()
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

func (w *world) clock() time.Time { return w.now }

func (w *world) silenceID() string {
	w.silenced++
	return fmt.Sprintf("silence-%d", w.silenced)
}

// sender returns a sender whose messages are kept.
func (w *world) sender(receiver, integration string) (alerting.Sender, bool) {
	s, ok := w.setup.Senders[alertconf.Target{Receiver: receiver, Integration: integration}]
	if !ok {
		return nil, false
	}
	return w.tape.wrap(s), true
}

// silenceable is what there is for silences to keep quiet.
func (w *world) silenceable(ctx context.Context, since time.Time) (silences.World, error) {
	told, err := w.store.Told(ctx, since)
	if err != nil {
		return silences.World{}, err
	}
	return silences.World{Definitions: w.slos.known(), Statuses: w.slos.all(), Incidents: told}, nil
}

// step lets everything happen that is due now.
func (w *world) step(ctx context.Context) error {
	if err := w.keeper.Step(ctx); err != nil {
		return err
	}
	// What is judged may send, and what is sent changes nothing that is judged.
	if err := w.router.Step(ctx); err != nil {
		return err
	}
	return w.deliverer.Step(ctx)
}

// idle reports whether nothing happens until the next event.
func (w *world) idle(ctx context.Context) (bool, error) {
	mark, err := w.store.OpenMark(ctx)
	if err != nil || mark.Count > 0 || len(w.firing) > 0 {
		return false, err
	}
	waiting, _, err := w.store.OutboxDepth(ctx, w.now)
	return waiting == 0, err
}

// stride is how far the clock goes at once while something is open. The router takes a
// pause of more than 30 s for one in which senders may have found nobody.
const stride = 10 * time.Second

// until moves the clock to a moment, and lets everything happen on the way.
func (w *world) until(ctx context.Context, at time.Time) error {
	for w.now.Before(at) {
		idle, err := w.idle(ctx)
		if err != nil {
			return err
		}
		next := w.now.Truncate(stride).Add(stride)
		if idle || next.After(at) {
			next = at
		}
		w.now = next
		if err := w.step(ctx); err != nil {
			return err
		}
	}
	return nil
}
