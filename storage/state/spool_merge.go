package state

import (
	"database/sql"
	"fmt"

	"burnline/alerting"
	"burnline/slo"
)

// merged is an incident after two stories of it were joined.
type merged struct {
	incident slo.Incident
	newest   alerting.Message
	// into is the key under which it goes on: its own, or that of an incident that another node
	// opened for the same.
	into string
	// parted is true where one story had it end and the other did not, so that some may not have been told
	// of the end.
	parted bool
}

// merge joins what a story of the other database tells of an incident with what is here. It says
// nothing twice and takes nothing back: what was delivered stays delivered, what is over
// stays over, and telling the same story again changes nothing.
func (w writer) merge(key string, told story) (m merged, _ error) {
	for _, l := range told.of(incidentTable, key) {
		in, err := decodeIncident(incidentTable.text(l, "incident"))
		if err != nil {
			return m, err
		}
		newest, err := decodeMessage(incidentTable.text(l, "message"))
		if err != nil {
			return m, err
		}
		m = merged{incident: in, newest: newest, into: in.Key}
		if err := w.mergeIncident(&m, incidentTable.text(l, "title"), told); err != nil {
			return m, err
		}
		for _, part := range []func(string, story) error{w.mergeAliases, w.mergeSteps, w.mergeDecisions, w.mergeAcks, w.mergeRows} {
			if err := part(key, told); err != nil {
				return m, err
			}
		}
		if err := w.mergeAlerts(&m, told); err != nil {
			return m, err
		}
	}
	return m, nil
}

// mergeIncident writes the incident itself.
func (w writer) mergeIncident(m *merged, title string, told story) error {
	in := m.incident
	known, err := w.load(in.Key)
	if err != nil {
		return err
	}
	again := known.found && in.Opened.After(known.incident.Opened)
	if in.Closed.IsZero() && (!known.found || again && !known.open()) {
		first, err := w.firstLike(in, told)
		if err != nil {
			return err
		}
		if first != "" && first != in.Key {
			return w.join(m, known.found, first, title)
		}
	}
	switch {
	case !known.found:
		return w.insert(in, title, m.newest)
	case again:
		return w.update(in, title, m.newest)
	case !in.Closed.IsZero() && known.incident.Opened.After(in.Closed): // it opened again since
		m.incident, m.newest = known.incident, known.newest
		return nil
	}
	m.parted = known.open() != in.Closed.IsZero()
	in = known.incident
	in.Groups, in.SLOs = union(in.Groups, m.incident.Groups), unionSLOs(in.SLOs, m.incident.SLOs)
	if in.Closed.IsZero() {
		in.Closed = m.incident.Closed
	}
	m.incident = in
	if m.newest.AsOf.Before(known.newest.AsOf) {
		title, m.newest = "", known.newest
	}
	return w.update(in, title, m.newest)
}

// firstLike returns the key of an incident that is open for the same as one that is not here;
// "" when there is none.
func (w writer) firstLike(in slo.Incident, told story) (string, error) {
	if first, err := w.canonical(in.Key); err != nil || first != in.Key {
		return first, err
	}
	for _, l := range told.of(groupTable, in.Key) {
		var first string
		err := w.each(`SELECT dedup_key FROM alert_groups WHERE identity = $1 AND closed = 0`, []any{groupTable.text(l, "identity")},
			func(rows *sql.Rows) error { return rows.Scan(&first) })
		if err != nil || first != "" {
			return first, err
		}
	}
	return w.openLike(in)
}

// join keeps an incident as one that is over, because another node opened one for the same: what
// is said of it from now on happens to the other. Whoever was told of it is told that it goes on
// there.
func (w writer) join(m *merged, known bool, first, title string) error {
	in := m.incident
	if _, err := w.tx.ExecContext(w.ctx, `INSERT INTO aliases (alias, dedup_key) VALUES ($1, $2) ON CONFLICT DO NOTHING`, in.Key, first); err != nil {
		return fmt.Errorf("note a second opening: %w", err)
	}
	other, err := w.load(first)
	if err != nil {
		return err
	}
	if other.found {
		grown := other.incident
		grown.Groups, grown.SLOs = union(grown.Groups, in.Groups), unionSLOs(grown.SLOs, in.SLOs)
		if err := w.update(grown, "", alerting.Message{}); err != nil {
			return err
		}
	}
	m.into, m.parted, m.incident.Closed = first, true, w.now
	m.newest.Summary = "Goes on as another incident, which was opened elsewhere at the same time: " + m.newest.Summary
	write := w.insert
	if known {
		write = w.update
	}
	if err := write(m.incident, title, m.newest); err != nil {
		return err
	}
	return w.step(in.Key, slo.IncidentClosed, nanos(w.now), "goes on as "+first+", which another node opened while this one had no PostgreSQL")
}

// mergeAliases keeps the keys that stand for the incident.
func (w writer) mergeAliases(key string, told story) error {
	t := aliasTable
	return w.insertLines(t, told.of(t, key), ` ON CONFLICT DO NOTHING`)
}

// mergeSteps appends the steps that are not here.
func (w writer) mergeSteps(key string, told story) error {
	t := stepTable
	type step struct {
		kind, reason string
		at           int64
	}
	have := map[step]bool{}
	err := w.each(`SELECT kind, reason, at FROM steps WHERE dedup_key = $1`, []any{key}, func(rows *sql.Rows) error {
		var one step
		err := rows.Scan(&one.kind, &one.reason, &one.at)
		have[one] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("read steps: %w", err)
	}
	for _, l := range told.of(t, key) {
		one := step{t.text(l, "kind"), t.text(l, "reason"), t.number(l, "at")}
		if have[one] {
			continue
		}
		if err := w.step(key, slo.TransitionKind(one.kind), one.at, one.reason); err != nil {
			return err
		}
	}
	return nil
}

// mergeDecisions appends the decisions that are not here.
func (w writer) mergeDecisions(key string, told story) error {
	t := decisionTable
	var have []alerting.Decision
	if err := w.decisions([]string{key}, func(_ string, d alerting.Decision) { have = append(have, d) }); err != nil {
		return err
	}
	known := map[alerting.Decision]bool{}
	for _, d := range have {
		known[d] = true
	}
	var more []alerting.Decision
	for _, l := range told.of(t, key) {
		d := alerting.Decision{Receiver: t.text(l, "receiver"), Fate: alerting.Fate(t.text(l, "fate")), By: t.text(l, "decider"),
			Until: fromNanos(t.number(l, "until")), Reason: t.text(l, "reason"), At: fromNanos(t.number(l, "at"))}
		if !known[d] {
			more = append(more, d)
		}
	}
	return w.decide(key, len(have), more)
}

// mergeAcks appends what people did that is not here.
func (w writer) mergeAcks(key string, told story) error {
	t := ackTable
	var have []alerting.Acknowledgement
	if err := w.acknowledgements([]string{key}, func(_ string, a alerting.Acknowledgement) { have = append(have, a) }); err != nil {
		return err
	}
	known := map[alerting.Acknowledgement]bool{}
	for _, a := range have {
		known[a] = true
	}
	var more []alerting.Acknowledgement
	for _, l := range told.of(t, key) {
		a := alerting.Acknowledgement{Kind: alerting.AckKind(t.text(l, "kind")), By: t.text(l, "person"), Via: t.text(l, "via"), At: fromNanos(t.number(l, "at"))}
		if !known[a] {
			more = append(more, a)
		}
	}
	return w.acknowledge(key, len(have), more)
}
