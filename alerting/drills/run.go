package drills

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"burnline/internal/repeat"
	"burnline/slo"
)

// Run runs the drills that are due until ctx ends.
func (k *Keeper) Run(ctx context.Context) error {
	return repeat.Every(ctx, pollEvery, k.Step, func(err error) {
		k.o.Logger.Warn("drills can't be looked after; it is tried on", "error", err)
	})
}

// Step does once what Run does again and again: it runs the drill that is due, plans the next
// one, and tells of one that failed.
func (k *Keeper) Step(ctx context.Context) error {
	plan := k.o.Plan()
	if err := k.read(ctx); err != nil {
		return err
	}
	if err := k.hasten(ctx, plan); err != nil {
		return err
	}
	if k.isDue(plan) {
		if err := k.runDue(ctx, plan); err != nil {
			return err
		}
	}
	if !k.planned(plan) && ctx.Err() == nil {
		if err := k.o.Store.PlanDrill(ctx, k.next(plan), k.o.Now()); err != nil {
			return fmt.Errorf("plan the next drill: %w", err)
		}
		if err := k.read(ctx); err != nil {
			return err
		}
	}
	k.begun = true
	return k.tell(ctx, plan)
}

// hasten drops a backup that waits for its time when a process starts and none has ever succeeded, so that it is planned anew, for now.
// One that was begun, or is due, stays as it is.
func (k *Keeper) hasten(ctx context.Context, plan Plan) error {
	now := k.o.Now()
	waits := slices.ContainsFunc(k.List(), func(d Drill) bool {
		return d.Schedule != "" && d.Schedule == plan.Schedule.String() && d.Result() == "planned" && d.Attempt == 0 && d.Due.After(now)
	})
	if k.begun || !waits || !k.lacksFirst() {
		return nil
	}
	if err := k.o.Store.PlanDrill(ctx, Drill{Kind: k.o.Kind}, now); err != nil {
		return fmt.Errorf("plan the first one anew: %w", err)
	}
	return k.read(ctx)
}

// lacksFirst reports whether a backup is due at once, because none has ever succeeded. After one that failed by its schedule the next is
// due by the schedule, or when a process starts.
func (k *Keeper) lacksFirst() bool {
	return k.o.Kind == Backup && !slices.ContainsFunc(k.List(), func(d Drill) bool {
		return d.Passed() || k.begun && d.Schedule != "" && !d.Ended.IsZero()
	})
}

// next is the drill that comes now; one without an ID where none does. What nobody notices is due at
// once where one was missed, and a backup where none has succeeded.
func (k *Keeper) next(plan Plan) Drill {
	due, name := plan.Schedule.Next(k.o.Now()), plan.Schedule.String()
	if due.IsZero() {
		return Drill{Kind: k.o.Kind}
	}
	if last, any := k.Last(); any && k.of.quiet && last.Missed || k.lacksFirst() {
		due = k.o.Now().UTC()
	}
	return Drill{ID: k.o.Kind.prefix() + name + " at " + due.Format(time.RFC3339), Kind: k.o.Kind, Schedule: name, Receiver: plan.Receiver, Due: due}
}

// prefix begins the IDs of a kind.
func (k Kind) prefix() string {
	if k == Paging {
		return ""
	}
	return string(k) + " "
}

// isDue reports whether a drill of the plan may be due.
func (k *Keeper) isDue(plan Plan) bool {
	now := k.o.Now()
	return slices.ContainsFunc(k.List(), func(d Drill) bool {
		return d.Schedule != "" && d.Schedule == plan.Schedule.String() && d.Ended.IsZero() && !d.Due.After(now)
	})
}

// planned reports whether what is to come is as the plan has it: one drill of its schedule that
// waits or is under way, and none of another.
func (k *Keeper) planned(plan Plan) bool {
	own, others := 0, 0
	for _, d := range k.List() {
		switch {
		case d.Schedule == "" || !d.Ended.IsZero():
		case d.Schedule == plan.Schedule.String():
			own++
		default:
			others++
		}
	}
	return others == 0 && (own > 0 || plan.Schedule.String() == "")
}

// runDue runs the drill that is due, unless another node has it.
func (k *Keeper) runDue(ctx context.Context, plan Plan) error {
	d, is, err := k.o.Store.ClaimDrill(ctx, k.o.Kind, plan.Schedule.String(), k.of.hold, k.o.Now())
	if err != nil {
		return fmt.Errorf("look for a drill that is due: %w", err)
	}
	if !is {
		return nil
	}
	d.Receiver = plan.Receiver
	if err := k.beside(ctx, plan, func() error { return k.run(ctx, d) }); err != nil {
		return err
	}
	return k.read(context.WithoutCancel(ctx))
}

// beside does what may last for hours, and renews what is told of an earlier drill that failed meanwhile.
func (k *Keeper) beside(ctx context.Context, plan Plan, do func() error) error {
	renewing, cancel := context.WithCancel(ctx)
	var ended sync.WaitGroup
	ended.Go(func() {
		_ = repeat.Every(renewing, tellEvery, func(ctx context.Context) error { return k.tell(ctx, plan) }, func(err error) {
			k.o.Logger.Warn("drills can't be looked after; it is tried on", "error", err)
		}) // it returns nil
	})
	err := do()
	cancel()
	ended.Wait()
	return err
}

// run runs a drill that is due and this node's. What nobody notices is late only while no node began it: the time that another one
// took does not count, and one that was broken off is begun again whenever that is.
func (k *Keeper) run(ctx context.Context, d Drill) error {
	now, since := k.o.Now(), d.Due
	if k.of.quiet && d.Busy.After(since) {
		since = d.Busy
	}
	switch late := now.Sub(since) > lateness && (d.Attempt == 0 || !k.of.quiet); {
	case late && d.Attempt == 0:
		d.Missed = true
		d.end(now, fmt.Errorf("until %s no node could begin it", now.UTC().Format("15:04 UTC on 2 January")))
		return k.save(ctx, d, 0)
	case late || d.Attempt >= mostAttempts:
		d.end(now, fmt.Errorf("its node ended before it did, at attempt %d", d.Attempt))
		return k.save(ctx, d, 0)
	}
	d.Began, d.Steps = now.UTC(), nil
	d.Attempt++
	if err := k.save(ctx, d, k.of.hold); err != nil {
		return err
	}
	k.o.Logger.Info("what is scheduled begins", "what", k.of.one, "drill", d.ID, "receiver", d.Receiver, "attempt", d.Attempt)
	err := k.o.Drill(ctx, d.Receiver, func(s Step) {
		d.Steps = append(d.Steps, s)
		if err := k.save(ctx, d, k.of.hold); err != nil && ctx.Err() == nil {
			k.o.Logger.Warn("a step of a drill is not kept", "error", err)
		}
	})
	if errors.Is(err, ErrBusy) || ctx.Err() != nil {
		return k.leave(ctx, d, err)
	}
	d.end(k.o.Now(), err)
	if err != nil {
		k.o.Logger.Error("what was scheduled failed", "what", k.of.one, "drill", d.ID, "receiver", d.Receiver, "error", err)
	} else {
		k.o.Logger.Info("what was scheduled passed", "what", k.of.one, "drill", d.ID, "receiver", d.Receiver, "took", d.Took())
	}
	return k.save(ctx, d, 0)
}

// leave gives a drill back that could not be begun, or that the end of the process broke off.
func (k *Keeper) leave(ctx context.Context, d Drill, why error) error {
	wait := time.Duration(0)
	if errors.Is(why, ErrBusy) {
		wait = busyFor
		d.Busy = k.o.Now().UTC()
		d.Attempt--
	}
	d.Began, d.Steps = time.Time{}, nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaving)
	defer cancel()
	return k.save(ctx, d, wait)
}

// tell tells of the drill that failed, and that it is over once one has passed.
func (k *Keeper) tell(ctx context.Context, plan Plan) error {
	now := k.o.Now()
	bad, is := trouble(k.List())
	is = is && plan.Schedule.String() != ""
	if before := k.alerted; before != nil && (!is || before.ID != bad.ID) {
		if err := k.o.Alert(ctx, []slo.Alert{alert(before, now)}); err != nil {
			return fmt.Errorf("tell that a drill is mended: %w", err)
		}
		k.alerted = nil
	}
	if !is || k.alerted != nil && now.Before(k.until.Add(-renewBefore)) {
		return nil
	}
	until := now.Add(believed)
	if err := k.o.Alert(ctx, []slo.Alert{alert(&bad, until)}); err != nil {
		return fmt.Errorf("tell of a drill that failed: %w", err)
	}
	k.alerted, k.until = &bad, until
	return nil
}
