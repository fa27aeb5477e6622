package app

import (
	"context"
	"fmt"
	"time"

	"burnline/alerting/drills"
	"burnline/web"
)

// buildDrills makes what runs drills by their schedule.
func (p *parts) buildDrills() error {
	keeper, err := drills.New(drills.Options{
		Store: p.state, Plan: p.drillPlan, Drill: p.runDrill, Alert: p.router.Alerts,
		Now: time.Now, Logger: p.log("drills"), Registerer: p.registry,
	})
	if err != nil {
		return fmt.Errorf("build the drills: %w", err)
	}
	p.drills = keeper
	return nil
}

// drillPlan says when drills are due by the configuration in force. In shadow mode no drill
// reaches anybody, so none is.
func (p *parts) drillPlan() drills.Plan {
	if p.shadow().Covers("") {
		return drills.Plan{}
	}
	return p.set.Load().Config.Alerting.Drill.Plan()
}

// drilled says how the last of a kind ended; false before the first.
func drilled(name string, k *drills.Keeper) (web.Component, bool) {
	d, ok := k.Last()
	if !ok {
		return web.Component{}, false
	}
	at := d.Due.UTC().Format("15:04 MST on 2 January")
	c := web.Component{Name: name, State: web.ComponentOK, Reason: fmt.Sprintf("the one at %s passed in %s", at, d.Took().Round(time.Millisecond))}
	if !d.Passed() {
		c.State, c.Reason = web.ComponentDegraded, "the one at "+at+" "+d.Result()+": "+d.Error
	}
	return c, true
}

// whenReady runs what looks at everything once everything serves and is counted: what is only starting
// fails no drill.
func (p *parts) whenReady(run func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		for _, done := range []<-chan struct{}{p.ready, p.counted} {
			select {
			case <-ctx.Done():
				return nil
			case <-done:
			}
		}
		return run(ctx)
	}
}
