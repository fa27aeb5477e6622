package alerting

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"burnline/slo"
)

// maxListed is how many alerts of a group a message lists.
const maxListed = 20

// alertBatch judges news of alerts within one transaction: what they do to groups,
// and what is to be told. It lives as long as one run of it.
type alertBatch struct {
	*view
	// fires notes that an alert fires, so that it may keep others quiet.
	fires func(print string, ls slo.Labels)

	// alerts are those that change, members those of their places that do.
	alerts  []*OutsideAlert
	members []*AlertMember
	// groups are by identity, and those that are stored by their number.
	groups map[string]*groupNews
	stored map[int64]*groupNews
	// began and ended are the alerts that began and ceased to fire, quieted counts
	// places that something keeps quiet.
	began, ended []*OutsideAlert
	quieted      int
	// committed are the passages of incidents that are committed with the transaction, each for the last time that the store asked.
	committed []*passage
}

// groupNews is a group with what changes in it.
type groupNews struct {
	*AlertGroup
	fresh bool
	route *Route
	// began are the members of a fresh group. loud is true once something is to be
	// told that nothing keeps quiet.
	began []*AlertMember
	loud  bool
	// freed is what kept an alert quiet that nothing keeps quiet any more; nil for none. hushed is true once
	// something keeps an alert quiet that nothing kept quiet before.
	freed  *Decision
	hushed bool
	// last is when the last alert ended, ending and reason how.
	last   time.Time
	ending slo.Ending
	reason string
	// tell is what the incident is told of: opened, updated or closed; "" for nothing yet.
	tell slo.TransitionKind
}

// run takes news of alerts.
func (b *alertBatch) run(tx AlertTx, news map[string]*incoming) error {
	prints := slices.Sorted(maps.Keys(news))
	have, err := tx.Alerts(prints)
	if err != nil {
		return err
	}
	ids, spots := b.involved(have, news, prints)
	if err := b.load(tx, ids, spots); err != nil {
		return err
	}
	for _, print := range prints {
		in, alert := news[print], have[print]
		what := in.against(alert, b.now)
		if what == newsNone {
			continue
		}
		alert = in.apply(alert, what, b.now)
		b.alerts = append(b.alerts, alert)
		switch what {
		case newsBegan:
			b.began = append(b.began, alert)
			b.begin(alert, spots[print])
		case newsEnded:
			b.ended = append(b.ended, alert)
			b.end(alert)
		}
	}
	return b.settle(tx)
}

// involved returns the numbers of the groups that the news concern, and where alerts
// that are in no open group belong.
func (b *alertBatch) involved(have map[string]*OutsideAlert, news map[string]*incoming, prints []string) (ids []int64, spots map[string][]spot) {
	spots = map[string][]spot{}
	for _, print := range prints {
		alert := have[print]
		what := news[print].against(alert, b.now)
		if alert != nil && what != newsNone && what != newsSeen {
			for _, m := range alert.Members {
				ids = append(ids, m.Group)
			}
		}
		if what == newsBegan {
			b.fires(print, news[print].alert.Labels) // before any is judged
		}
		if what == newsBegan && (alert == nil || len(alert.Members) == 0) {
			spots[print] = b.config.spots(news[print].alert.Labels)
		}
	}
	return ids, spots
}

// load reads and locks the groups.
func (b *alertBatch) load(tx AlertTx, ids []int64, spots map[string][]spot) error {
	b.groups, b.stored = map[string]*groupNews{}, map[int64]*groupNews{}
	identities := map[string]bool{}
	for _, of := range spots {
		for _, s := range of {
			identities[s.identity] = true
		}
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 && len(identities) == 0 {
		return nil
	}
	groups, err := tx.Groups(ids, slices.Sorted(maps.Keys(identities)))
	for _, g := range groups {
		news := &groupNews{AlertGroup: g}
		b.groups[g.Identity], b.stored[g.ID] = news, news
	}
	return err
}

// begin puts an alert that fires into its groups: those that it was in, while they are
// open, or else those that the routes lead to.
func (b *alertBatch) begin(a *OutsideAlert, spots []spot) {
	for _, m := range a.Members {
		if g := b.stored[m.Group]; g != nil {
			m.in = g.AlertGroup
			b.join(g, m, b.config.routeTo(g.Receiver, a.Labels))
			g.Resolved--
		}
	}
	for i, s := range spots {
		g := b.groups[s.identity]
		if g == nil {
			g = &groupNews{fresh: true, AlertGroup: &AlertGroup{
				Key: b.key(s, a, i), Identity: s.identity, Receiver: s.receiver, Labels: s.labels, Severity: s.severity,
				Started: a.StartsAt, Opened: b.now,
			}}
			b.groups[s.identity] = g
		}
		m := &AlertMember{Alert: a, in: g.AlertGroup}
		a.Members = append(a.Members, m)
		if g.fresh {
			g.began = append(g.began, m)
			if a.StartsAt.Before(g.Started) {
				g.Started = a.StartsAt
			}
		}
		b.join(g, m, s.route)
	}
}

// key is the deduplication key of a group that opens. Routes don't enter into it:
// of several groups that one alert opens each has its number.
func (b *alertBatch) key(s spot, first *OutsideAlert, number int) string {
	text := appendText(appendText([]byte("alert:"), first.Print), string(s.severity))
	text = appendText(text, s.labels.String())
	text = appendText(text, strconv.FormatInt(b.now.UnixNano(), 10))
	return hashed(appendText(text, strconv.Itoa(number)))
}

// join counts an alert that fires in a group.
func (b *alertBatch) join(g *groupNews, m *AlertMember, route *Route) {
	g.route = route
	g.Firing++
	m.Starts, m.Ended = m.Alert.StartsAt, time.Time{}
	m.Decision = b.decide(m.Alert.Labels, g.Receiver, route)
	if m.loud() {
		g.loud = true
		g.News++
	} else {
		b.quieted++
	}
	b.members = append(b.members, m)
}

// end takes an alert out of what fires in its groups.
func (b *alertBatch) end(a *OutsideAlert) {
	for _, m := range a.Members {
		g := b.stored[m.Group]
		if g == nil || !m.Ended.IsZero() {
			continue
		}
		m.in, m.Ended = g.AlertGroup, a.EndsAt
		g.route = b.config.routeTo(g.Receiver, a.Labels)
		g.Firing--
		g.Resolved++
		if !a.Ending.Proven() {
			g.Unproven++
		}
		if m.loud() {
			g.loud = true
			g.News++
		}
		g.last, g.ending, g.reason = later(g.last, a.EndsAt), a.Ending, a.Reason
		b.members = append(b.members, m)
	}
}

// decide says what becomes of an alert at a receiver, by the same stages as of an incident.
func (b *alertBatch) decide(ls slo.Labels, receiver string, route *Route) Decision {
	f := b.fork(b.config.heir(receiver, ls), route)
	if f.decision.Fate != FateSend {
		return f.decision
	}
	d, quiet := b.world.suppressed(ls, b.now)
	if !quiet {
		d, quiet = muted(b.config, route, b.now)
	}
	if !quiet {
		return Decision{Receiver: f.receiver, Fate: FateSend, At: b.now}
	}
	d.Receiver = f.receiver
	return d
}

// settle concludes what the news mean for each group and writes everything.
func (b *alertBatch) settle(tx AlertTx) error {
	changed := slices.SortedFunc(maps.Values(b.groups), func(x, y *groupNews) int { return cmp.Compare(x.Identity, y.Identity) })
	changed = slices.DeleteFunc(changed, func(g *groupNews) bool { return g.route == nil })
	groups := make([]*AlertGroup, len(changed))
	var fresh, known []Change
	for i, g := range changed {
		g.conclude(b.now)
		groups[i] = g.AlertGroup
		if g.fresh {
			fresh = append(fresh, b.change(g, g.began))
		}
	}
	if err := tx.Commit(fresh...); err != nil { // first, since the group's row names its incident
		return err
	}
	if len(b.alerts)+len(groups)+len(b.members) > 0 {
		if err := tx.Save(b.alerts, groups, b.members); err != nil {
			return err
		}
	}
	for _, g := range changed {
		if g.fresh || g.tell == "" && !g.hushed {
			continue
		}
		listed, err := tx.Members(g.ID, maxListed)
		if err != nil {
			return err
		}
		if g.tell == "" && !g.silent(listed) {
			continue
		}
		known = append(known, b.change(g, listed))
	}
	return tx.Commit(known...)
}

// silent reports whether something keeps all quiet that fires in a group which goes on. What waits to be told of it is
// withdrawn then.
func (g *groupNews) silent(listed []*AlertMember) bool {
	if slices.ContainsFunc(listed, func(m *AlertMember) bool { return m.loud() && m.Ended.IsZero() }) {
		return false
	}
	g.tell = slo.IncidentUpdated
	return true
}

// conclude decides what a group's incident is told of now, and when what is not told
// now will be. The first alert is told at once, and so is the end of the last; in between
// news wait until the group's interval has passed since it was told.
func (g *groupNews) conclude(now time.Time) {
	due := g.Told.Add(g.route.interval())
	if ahead(g.Told, now) {
		due = now
	}
	switch {
	case g.fresh:
		g.tell = slo.IncidentOpened
		if g.loud {
			g.Told = now
		}
	case g.Firing == 0:
		g.tell, g.Closed, g.Flush = slo.IncidentClosed, later(g.last, g.Opened), time.Time{}
	case !g.loud:
	case g.Told.IsZero() || !due.After(now):
		g.tell, g.Told, g.Flush = slo.IncidentUpdated, now, time.Time{}
	case g.Flush.IsZero():
		g.Flush = due
	}
}

// change is the transition of a group's incident, with the messages that it
// causes.
func (b *alertBatch) change(g *groupNews, listed []*AlertMember) Change {
	t := slo.Transition{Kind: g.tell, Incident: g.incident(), At: b.now, Reason: "an alert fires", Alerts: summed(g.AlertGroup, listed)}
	switch g.tell {
	case slo.IncidentOpened:
		first := listed[0].Alert
		t.Incident.Team, t.Incident.Origin = first.Labels.Get("team"), first.Origin
	case slo.IncidentUpdated:
		t.Reason = tally(t.Alerts)
	case slo.IncidentClosed:
		t.At, t.Reason, t.Ending = g.Closed, g.reason, g.ending
		if t.Ending.Proven() && g.Unproven > 0 {
			t.Ending, t.Reason = slo.EndingIdle, "nobody sent "+Count(float64(g.Unproven))+" of its alerts again"
		}
	}
	p := passage{t: t, news: g.News, labels: alertLabels(t.Incident), message: Text(t, b.text), freed: g.freed}
	// By the first the stages find the route, so it is one that is told if there is any.
	slices.SortStableFunc(listed, func(x, y *AlertMember) int { return cmp.Compare(number(!x.loud()), number(!y.loud())) })
	for _, m := range listed {
		p.alerts = append(p.alerts, m.Alert.Labels)
	}
	done := &passage{}
	b.committed = append(b.committed, done)
	return Change{Transition: t, Plan: func(have Existing) Plan {
		p.have = have
		*done = pass(b.view, p)
		return done.plan
	}}
}

// summed is what a message tells of a group: of the alerts that nothing keeps quiet. Those are
// all known where all members are listed, or one that is quiet, since these are listed last.
func summed(g *AlertGroup, listed []*AlertMember) *slo.Alerts {
	all := &slo.Alerts{}
	known := len(listed) == g.Firing+g.Resolved
	slices.SortFunc(listed, compareMembers)
	for _, m := range listed {
		if !m.loud() {
			known = true
			continue
		}
		all.Firing += number(m.Ended.IsZero())
		all.Resolved += number(!m.Ended.IsZero())
		if len(all.Listed) == maxListed {
			continue
		}
		a := m.Alert.Alert
		a.StartsAt, a.EndsAt = m.Starts, m.Ended
		all.Listed = append(all.Listed, a)
	}
	if !known || len(all.Listed) == 0 {
		all.Firing, all.Resolved = g.Firing, g.Resolved
	}
	return all
}

// number counts a truth.
func number(is bool) int {
	if is {
		return 1
	}
	return 0
}

// compareMembers orders what fires before what ended, and the newest first.
func compareMembers(a, b *AlertMember) int {
	return cmp.Or(cmp.Compare(number(!a.Ended.IsZero()), number(!b.Ended.IsZero())), b.Ended.Compare(a.Ended), b.Starts.Compare(a.Starts), compareLabels(a.Alert.Labels, b.Alert.Labels))
}

// compareLabels orders sets of labels.
func compareLabels(a, b slo.Labels) int {
	return slices.CompareFunc(a, b, func(x, y slo.Label) int {
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.Value, y.Value))
	})
}
