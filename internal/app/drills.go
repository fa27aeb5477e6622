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

// drilled says how the last drill ended; false before the first.
func (p *parts) drilled() (web.Component, bool) {
	d, ok := p.drills.Last()
	if !ok {
		return web.Component{}, false
	}
	at := d.Due.UTC().Format("15:04 MST on 2 January")
	c := web.Component{Name: "drill", State: web.ComponentOK, Reason: fmt.Sprintf("the one at %s passed in %s", at, d.Took().Round(time.Millisecond))}
	if !d.Passed() {
		c.State, c.Reason = web.ComponentDegraded, "the one at "+at+" "+d.Result()+": "+d.Error
	}
	return c, true
}

// drillWhenReady runs drills once everything serves and is counted: what is only starting
// fails no drill.
func (p *parts) drillWhenReady(ctx context.Context) error {
	for _, done := range []<-chan struct{}{p.ready, p.counted} {
		select {
		case <-ctx.Done():
			return nil
		case <-done:
		}
	}
	return p.drills.Run(ctx)
}
