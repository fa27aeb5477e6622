package engine

import (
	"fmt"
	"slices"
	"strconv"

	"burnline/slo"
)

// The IDs under which incidents of several SLOs stand.
const (
	blindPrefix     = "blind/"
	blindEverything = blindPrefix + "everything"
	blindStorage    = blindPrefix + "storage"
)

// openOne proposes an incident of one SLO, under its own ID.
func (b *blindness) openOne(in *survey, l *outlook) *step {
	inc := slo.Incident{SLO: l.id, Severity: l.dark.Severity, Started: l.dark.Since}
	return b.begin(in, inc, []*outlook{l})
}

// openMany proposes one incident of several SLOs, under the name of their source.
func (b *blindness) openMany(in *survey, cohort []*outlook) *step {
	inc := slo.Incident{SLO: b.free(sourceID(in, cohort), worst(cohort)), Severity: worst(cohort), Started: cohort[0].dark.Since}
	for _, l := range cohort {
		inc.SLOs = append(inc.SLOs, l.id)
		if l.dark.Since.Before(inc.Started) {
			inc.Started = l.dark.Since
		}
	}
	return b.begin(in, inc, cohort)
}

// free returns the ID, or one after it where an incident of some that are still
// dark is open under it.
func (b *blindness) free(id string, severity slo.Severity) string {
	name := id
	for n := 2; slices.ContainsFunc(b.open, func(o *blackout) bool { return o.SLO == name && o.Severity == severity }); n++ {
		name = id + " (" + strconv.Itoa(n) + ")"
	}
	return name
}

// sourceID names the source that several SLOs share.
func sourceID(in *survey, cohort []*outlook) string {
	jobs, instances := cohort[0].jobs, cohort[0].instances
	for _, l := range cohort {
		jobs, instances = both(jobs, l.jobs), both(instances, l.instances)
	}
	switch {
	case cohort[0].storage:
		return blindStorage
	case len(jobs) > 0:
		return blindPrefix + "job=" + jobs[0]
	case cohort[0].dark.Silent && in.everything():
		return blindEverything
	case len(instances) > 0:
		return blindPrefix + "instance=" + instances[0]
	case len(cohort[0].jobs) > 0:
		return blindPrefix + "job=" + cohort[0].jobs[0] + " and others"
	}
	return blindPrefix + cohort[0].id
}

// both returns what stands in both lists.
func both(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(name string) bool { return !slices.Contains(b, name) })
}

// begin completes an incident that opens.
func (b *blindness) begin(in *survey, inc slo.Incident, cohort []*outlook) *step {
	if after := b.closed[inc.SLO+" "+string(inc.Severity)]; inc.Started.Before(after) {
		inc.Started = after
	}
	inc.Cause, inc.Opened, inc.Groups, inc.Number = slo.CauseNoData, in.now, []slo.Labels{nil}, 1
	inc.Key = key(inc.SLO, nil, inc.Started, string(slo.CauseNoData)+" "+string(inc.Severity))
	inc.Episode, inc.EpisodeStarted = inc.Key, inc.Started
	o := &blackout{Incident: inc, members: map[string]*sufferer{}}
	for _, l := range cohort {
		o.members[l.id] = &sufferer{known: true, events: l.steady}
	}
	o.dark = darkness(cohort, inc)
	st := o.step(in, slo.IncidentOpened, o.dark.Reason)
	st.apply = func() { b.open = append(b.open, o) }
	return st
}

// join proposes that further SLOs of the same source are listed in the incident.
func (b *blindness) join(in *survey, o *blackout, cohort []*outlook) *step {
	next := *o
	next.members = map[string]*sufferer{}
	for id, m := range o.members {
		next.members[id] = m
	}
	next.SLOs = slices.Clone(o.SLOs)
	for _, l := range cohort {
		next.members[l.id] = &sufferer{known: true, events: l.steady}
		if !slices.Contains(next.SLOs, l.id) {
			next.SLOs = append(next.SLOs, l.id)
		}
	}
	next.dark = darkness(in.suffering(&next), next.Incident)
	st := next.step(in, slo.IncidentJoined, next.dark.Reason)
	st.apply = func() { *o = next }
	return st
}

// rise proposes a page in the place of a ticket, with those that join it.
func (b *blindness) rise(in *survey, o *blackout, more []*outlook) *step {
	cohort := slices.Concat(in.suffering(o), more)
	inc := slo.Incident{SLO: o.SLO, Severity: slo.Page, Started: o.Started, Replaces: o.Key}
	if o.many() {
		for _, l := range cohort {
			inc.SLOs = append(inc.SLOs, l.id)
		}
	}
	st := b.begin(in, inc, cohort)
	open := st.apply
	st.apply = func() {
		open()
		b.forget(o, in)
	}
	return st
}

// close proposes the end of an incident.
func (b *blindness) close(in *survey, o *blackout, ending slo.Ending, reason string) *step {
	next := *o
	next.Closed = in.now
	st := next.step(in, slo.IncidentClosed, reason)
	st.Ending = ending
	st.apply = func() { b.forget(o, in) }
	return st
}

func (b *blindness) forget(o *blackout, in *survey) {
	b.forbid(o.Incident, in.now)
	b.open = slices.DeleteFunc(b.open, func(other *blackout) bool { return other == o })
}

// suffering returns the incident's SLOs that are dark.
func (in *survey) suffering(o *blackout) []*outlook {
	var some []*outlook
	for _, l := range in.looks {
		if m := o.members[l.id]; m != nil && !m.recovered && l.dark != nil {
			some = append(some, l)
		}
	}
	return some
}

// darkness sums up what is known of dark SLOs: when the first of them fell dark,
// the events of all, and the source that they share.
func darkness(some []*outlook, inc slo.Incident) *slo.Darkness {
	d := &slo.Darkness{Since: inc.Started, Severity: inc.Severity, Silent: true}
	if len(some) == 0 {
		return d
	}
	if len(some) == 1 {
		one := *some[0].dark
		one.Severity = inc.Severity
		return &one
	}
	jobs, instances, single := some[0].jobs, some[0].instances, true
	for _, l := range some {
		d.Usual += l.dark.Usual
		d.Now += l.dark.Now
		d.Silent = d.Silent && l.dark.Silent
		jobs = both(jobs, l.jobs)
		instances = both(instances, l.instances)
		single = single && len(l.instances) == 1
	}
	if !single {
		instances = nil
	}
	d.Source = common(jobs, instances)
	d.Reason = fmt.Sprintf("%d SLOs fell dark together", len(some))
	if len(d.Source) > 0 {
		d.Reason += "; the data of all of them came from " + d.Source.String()
	}
	if some[0].storage {
		d.Reason = some[0].dark.Reason
	}
	return d
}

// step completes a transition with the evidence.
func (o *blackout) step(in *survey, kind slo.TransitionKind, reason string) *step {
	t := slo.Transition{Kind: kind, Incident: o.Incident, At: in.now, Reason: reason}
	for _, id := range concerned(o.Incident) {
		if l := in.byID[id]; l != nil {
			t.Status = l.of.statuses()[0]
			break
		}
	}
	dark := slo.Darkness{Since: o.Started, Severity: o.Severity}
	if o.dark != nil {
		dark = *o.dark
	}
	t.Dark = &dark
	t.Definition = in.definition(o.Incident)
	return &step{Transition: t}
}

// definition returns the SLO's definition, and of several SLOs one of what they agree on.
func (in *survey) definition(inc slo.Incident) *slo.Definition {
	if len(inc.SLOs) == 0 {
		if l := in.byID[inc.SLO]; l != nil {
			return l.def
		}
		return nil
	}
	var d *slo.Definition
	for _, id := range inc.SLOs {
		l := in.byID[id]
		if l == nil {
			continue
		}
		if d == nil {
			d = &slo.Definition{
				ID: inc.SLO, Name: inc.SLO, Service: l.def.Service, Team: l.def.Team, Journey: l.def.Journey,
				Labels: l.def.Labels, AlertLabels: l.def.AlertLabels, Annotations: l.def.Annotations,
			}
			continue
		}
		agree(&d.Service, l.def.Service)
		agree(&d.Team, l.def.Team)
		agree(&d.Journey, l.def.Journey)
		d.Labels = agreed(d.Labels, l.def.Labels)
		d.AlertLabels = agreed(d.AlertLabels, l.def.AlertLabels)
		d.Annotations = agreed(d.Annotations, l.def.Annotations)
	}
	return d
}

func agree(have *string, other string) {
	if *have != other {
		*have = ""
	}
}

// agreed returns the pairs that both have.
func agreed(a, b map[string]string) map[string]string {
	same := map[string]string{}
	for name, value := range a {
		if other, ok := b[name]; ok && other == value {
			same[name] = value
		}
	}
	return same
}
