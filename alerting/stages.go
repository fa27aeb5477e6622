package alerting

import (
	"time"

	"burnline/slo"
)

// view is what the stages see beside the incident.
type view struct {
	config *Config
	text   TextOptions
	world  *world
	now    time.Time
	// fallbackAfter is for how long a receiver fails before its fallback is told.
	fallbackAfter time.Duration
}

// passage is an incident on its way through the stages. Each stage fills in what it
// decides and leaves the rest alone.
type passage struct {
	// t is what happens to the incident; where nothing does and only the world
	// around it changed, its kind is revised.
	t slo.Transition
	// labels are what routes, rules and silences see of it, and message what there is
	// to tell.
	labels  slo.Labels
	message Message
	// have is what was written before.
	have Existing
	// burn is the burn rate of now, for the ceilings of silences, and follows says
	// that the page of a dependency may be about to come.
	burn    float64
	follows bool

	// ack is what a person did about the incident, when that is why it passes; after the
	// stage attend it is nil where others need not know. newAcks are to be kept.
	ack     *Acknowledgement
	newAcks []Acknowledgement

	// grown is true where nothing happened but that more is known of its impact.
	grown bool

	// news is how much happened in a group of outside alerts that is to be told.
	news int64
	// alerts are the labels of some outside alerts of a group, one that nothing keeps quiet
	// among them if there is any.
	alerts []slo.Labels
	// freed is what kept one of them quiet until now; nil for nothing.
	freed *Decision

	// forks are the receivers, by the stage route.
	forks []fork
	// loud are the alerts of the incident that nothing keeps quiet: an SLO's is one.
	loud []slo.Labels
	// explains are the SLOs whose pages this one tells too, by the stage depend.
	explains []string
	// deeds are what each integration is to be told, by the stage de-duplicate.
	deeds []deed
	// plan is what is written, by the stage enqueue.
	plan Plan
}

// fork is one receiver that the routes lead to.
type fork struct {
	receiver string
	// routes are those that lead there; none where it is a team's own.
	routes   []*Route
	decision Decision
	// page is the page of a dependency that tells the incident too, and elsewhere says
	// that this receiver is not told of that page.
	page      *remembered
	elsewhere bool
	// escalated says that the receiver is told because the incident is open for long.
	escalated bool
}

// revised is the kind of a passage in which nothing happened to the incident itself.
const revised slo.TransitionKind = "revised"

// stage is one step of the pipeline: pure, from what is known of the passage to a
// little more.
type stage struct {
	name string
	// decides is true for the stages that settle the fates, and false for those that
	// turn fates into rows.
	decides bool
	run     func(*view, passage) passage
}

// pipeline lists the stages in order: every delivery of an incident follows from
// them and from nothing else.
func pipeline() []stage {
	return []stage{
		{"attend", false, attend},
		{"route", true, route},
		{"group", true, group},
		{"escalate", true, escalate},
		{"inhibit", true, inhibit},
		{"silence", true, silence},
		{"mute", true, mute},
		{"depend", true, depend},
		{"de-duplicate", false, deduplicate},
		{"enqueue", false, enqueue},
	}
}

// pass sends a passage through the pipeline and returns it with its plan.
func pass(v *view, p passage) passage {
	for _, s := range pipeline() {
		p = s.run(v, p)
	}
	return p
}

// decide sends a passage through the stages that settle the fates.
func decide(v *view, p passage) passage {
	for _, s := range pipeline() {
		if s.decides {
			p = s.run(v, p)
		}
	}
	return p
}

// decisions are the fates at the receivers.
func (p *passage) decisions() []Decision {
	all := make([]Decision, len(p.forks))
	for i := range p.forks {
		all[i] = p.forks[i].decision
	}
	return all
}

// each decides the fate of every fork that is still told.
func (p passage) each(decide func(*fork) (Decision, bool)) passage {
	forks := make([]fork, len(p.forks))
	copy(forks, p.forks)
	for i := range forks {
		f := &forks[i]
		if f.decision.Fate != FateSend {
			continue
		}
		if d, quiet := decide(f); quiet {
			d.Receiver = f.receiver
			f.decision = d
		}
	}
	p.forks = forks
	return p
}

// inForce returns the newest decision of each receiver, in order of its first.
func inForce(history []Decision) []Decision {
	var all []Decision
	at := map[string]int{}
	for _, d := range history {
		i, known := at[d.Receiver]
		if !known {
			at[d.Receiver] = len(all)
			all = append(all, d)
			continue
		}
		all[i] = d
	}
	return all
}

// changed returns the decisions that differ from those in force.
func changed(now, history []Decision) []Decision {
	before := map[string]Decision{}
	for _, d := range history {
		before[d.Receiver] = d
	}
	var news []Decision
	for _, d := range now {
		if was, known := before[d.Receiver]; !known || was.Fate != d.Fate || was.By != d.By || !was.Until.Equal(d.Until) {
			news = append(news, d)
		}
	}
	return news
}

// quiet reports whether the fate keeps a message back that is due when its reason ends.
func (f Fate) quiet() bool {
	switch f {
	case FateSilenced, FateInhibited, FateMuted, FateMerged, FateHeld, FateNobody:
		return true
	}
	return false
}
