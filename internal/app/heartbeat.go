package app

import (
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/web"
)

// buildHeart makes what sends heartbeats.
func (p *parts) buildHeart() error {
	heart, err := alerting.NewHeart(alerting.HeartOptions{
		Store: p.state, Heartbeat: p.heartbeat, Now: time.Now, Wake: p.deliverer.Wake, Logger: p.log("heartbeat"), Registerer: p.registry,
	})
	if err != nil {
		return fmt.Errorf("build the heartbeat: %w", err)
	}
	p.heart = heart
	return nil
}

// heartbeat is who gets heartbeats by the configuration in force.
func (p *parts) heartbeat() alerting.Heartbeat {
	set := p.set.Load()
	return set.Config.Alerting.Heartbeat.Beats(set.alerting)
}

// beating says how the heartbeat fares; false where none is configured.
func (p *parts) beating(now time.Time) (web.Component, bool) {
	h := p.heartbeat()
	if len(h.Targets) == 0 {
		return web.Component{}, false
	}
	c := web.Component{Name: "heartbeat", State: web.ComponentOK}
	receiver, last := h.Targets[0].Receiver, p.heart.Last()
	since := last
	if p.started.After(since) {
		since = p.started // what was before the start is no fault of now
	}
	late := now.Sub(since) > 2*h.Every+time.Minute
	switch {
	case last.IsZero() && !late:
		c.State, c.Reason = web.ComponentStarting, "none was delivered to "+receiver+" yet"
	case last.IsZero():
		c.State, c.Reason = web.ComponentDegraded, "none was ever delivered to "+receiver+"; see the log for its answers"
	default:
		c.Reason = fmt.Sprintf("last delivered to %s at %s", receiver, last.Format("15:04:05 MST on 2 January"))
		if late {
			c.State = web.ComponentDegraded
		}
	}
	return c, true
}
