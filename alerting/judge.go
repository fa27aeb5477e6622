package alerting

import (
	"fmt"
	"slices"

	"burnline/slo"
)

// route says which receivers the routing tree leads to. A group of outside alerts has its
// receiver, which the routes led to when its first alert came.
func route(v *view, p passage) passage {
	if outside(p.t.Incident) {
		ls := p.labels
		if len(p.have.Loud) > 0 {
			ls = p.have.Loud
		}
		if len(p.alerts) > 0 {
			ls = p.alerts[0]
		}
		receiver := v.config.heir(p.t.Incident.Receiver, ls)
		p.forks = []fork{v.fork(receiver, v.config.routeTo(receiver, ls))}
		return p
	}
	if in := p.t.Incident; directed(in) {
		p.forks = []fork{v.fork(in.Receiver, &v.config.Route)}
		return p
	}
	for _, r := range v.config.Route.Match(p.labels) {
		receiver := r.Receiver
		if r == &v.config.Route {
			receiver = v.config.receiver(p.t.Incident.Team)
		}
		p.forks = append(p.forks, v.fork(receiver, r))
	}
	return p
}

// fork is the way to a receiver that a route leads to.
func (v *view) fork(receiver string, r *Route) fork {
	f := fork{receiver: receiver, routes: []*Route{r}}
	f.decision = Decision{Receiver: receiver, Fate: FateSend, At: v.now, Reason: "the route leads to " + inline(receiver)}
	switch {
	case receiver == "":
		f.decision.Fate, f.decision.Reason = FateNobody, string(ReasonNobody)
	case len(v.config.targets(receiver)) == 0:
		f.decision.Fate, f.decision.Reason = FateNobody, fmt.Sprintf("the receiver %s has no integrations, so nobody is told", inline(receiver))
	}
	return f
}

// group makes one of what routes lead to one receiver twice: an incident is told
// once per receiver. Which outside alerts make one incident was settled when they
// came; incidents of different SLOs are never one.
func group(_ *view, p passage) passage {
	var one []fork
	for _, f := range p.forks {
		i := slices.IndexFunc(one, func(o fork) bool { return o.receiver == f.receiver })
		if i < 0 {
			one = append(one, f)
			continue
		}
		one[i].routes = append(slices.Clone(one[i].routes), f.routes...)
	}
	p.forks, p.loud = one, []slo.Labels{p.labels}
	if outside(p.t.Incident) {
		p.loud = p.alerts
	}
	return p
}

// inhibit leaves out the alerts that others keep quiet.
func inhibit(v *view, p passage) passage {
	return hush(p, func(ls slo.Labels) (Decision, bool) { return v.world.inhibited(ls, v.now) })
}

// silence leaves out the alerts that a silence keeps quiet.
func silence(v *view, p passage) passage {
	return hush(p, func(ls slo.Labels) (Decision, bool) { return v.world.silenced(ls, p.burn, v.now) })
}

// hush takes the alerts away that are quiet. Where none is left, nobody is told.
func hush(p passage, quiet func(slo.Labels) (Decision, bool)) passage {
	if len(p.loud) == 0 || directed(p.t.Incident) {
		return p
	}
	var loud []slo.Labels
	var last Decision
	for _, ls := range p.loud {
		if d, is := quiet(ls); is {
			last = d
			continue
		}
		loud = append(loud, ls)
	}
	p.loud = loud
	return p.each(func(*fork) (Decision, bool) { return last, len(loud) == 0 })
}

// mute keeps a receiver quiet while all routes to it are.
func mute(v *view, p passage) passage {
	return p.each(func(f *fork) (Decision, bool) {
		var last Decision
		for _, r := range f.routes {
			d, quiet := muted(v.config, r, v.now)
			if !quiet {
				return Decision{}, false
			}
			last = d
		}
		return last, true
	})
}
