package state

import (
	"fmt"
	"slices"
	"strings"

	"burnline/alerting"
)

// mergeRows joins the rows of the outbox: the state that is further on counts, and the most
// attempts. Rows that are not here come last in their chains.
func (w writer) mergeRows(key string, told story) error {
	t := outboxTable
	lines := told.of(t, key)
	if len(lines) == 0 {
		return nil
	}
	have, err := w.rows(key)
	if err != nil {
		return err
	}
	last := map[alerting.Target]int{}
	for _, r := range have {
		at := alerting.Target{Receiver: r.Receiver, Integration: r.Integration}
		last[at] = max(last[at], r.Seq)
	}
	matched := make([]bool, len(have))
	var fresh []line
	for _, l := range lines {
		i := slices.IndexFunc(have, func(r alerting.Row) bool { return isRow(l, r) })
		if i < 0 {
			fresh = append(fresh, l)
			continue
		}
		matched[i] = true
		if err := w.mergeRow(l, have[i]); err != nil {
			return err
		}
	}
	for _, l := range fresh {
		at := alerting.Target{Receiver: t.text(l, "receiver"), Integration: t.text(l, "integration")}
		last[at]++
		l = slices.Clone(l)
		l[t.at("seq")] = int64(last[at])
		told := slices.ContainsFunc(have, func(r alerting.Row) bool {
			return !matched[slices.IndexFunc(have, func(o alerting.Row) bool { return o.ID == r.ID })] && tellsToo(l, r)
		})
		if told { // by another node: once is enough
			l[t.at("state")], l[t.at("answer")] = string(alerting.RowSuperseded), "another node told it meanwhile"
			l[t.at("settled_at")] = nanos(w.now)
		}
		if err := w.addLine(l); err != nil {
			return err
		}
	}
	return nil
}

// isRow reports whether a line is a row, see sameRow.
func isRow(l line, r alerting.Row) bool {
	t := outboxTable
	return r.Receiver == t.text(l, "receiver") && r.Integration == t.text(l, "integration") &&
		string(r.Action) == t.text(l, "action") && nanos(r.CreatedAt) == t.number(l, "created_at")
}

// tellsToo reports whether a row, which the other database does not know, tells an integration of the
// incident as a line does that nobody tried to send.
func tellsToo(l line, r alerting.Row) bool {
	t := outboxTable
	return t.text(l, "state") == string(alerting.RowPending) && t.number(l, "attempts") == 0 &&
		r.Receiver == t.text(l, "receiver") && r.Integration == t.text(l, "integration") &&
		r.Action == alerting.ActionTrigger && t.text(l, "action") == string(alerting.ActionTrigger) &&
		(r.State == alerting.RowPending || r.State == alerting.RowDelivered || r.State == alerting.RowShadowed)
}

// rank is how far on a state is.
func rank(s alerting.RowState) int {
	return slices.Index([]alerting.RowState{alerting.RowPending, alerting.RowSuperseded, alerting.RowShadowed, alerting.RowRefused, alerting.RowDelivered}, s)
}

// mergeRow joins one row with what is told of it. What was superseded untried there, but tried
// here, may have arrived: it stays.
func (w writer) mergeRow(l line, r alerting.Row) error {
	t := outboxTable
	state, attempts := alerting.RowState(t.text(l, "state")), t.number(l, "attempts")
	on := rank(state) > rank(r.State) && (state != alerting.RowSuperseded || int64(r.Attempts) <= attempts)
	more := r.State == alerting.RowPending && state == alerting.RowPending && (attempts > int64(r.Attempts) || t.number(l, "leased_until") > 0)
	var set []string
	var args []any
	take := func(columns ...string) {
		for _, c := range columns {
			args = append(args, l[t.at(c)])
			set = append(set, fmt.Sprintf("%s = $%d", c, len(args)))
		}
	}
	switch {
	case on:
		take("state", "settled_at", "answer", "receipt", "news")
		set = append(set, "leased_until = 0")
	case more:
		take("next_at", "leased_until", "answer")
	}
	if attempts > int64(r.Attempts) {
		take("attempts")
	}
	if len(set) == 0 {
		return nil
	}
	args = append(args, r.ID)
	_, err := w.tx.ExecContext(w.ctx, fmt.Sprintf(`UPDATE outbox SET %s WHERE id = $%d`, strings.Join(set, ", "), len(args)), args...)
	if err != nil {
		return fmt.Errorf("reconcile row %d of the outbox: %w", r.ID, err)
	}
	return nil
}

// addLine writes a row as it is; what stands before it becomes as urgent.
func (w writer) addLine(l line) error {
	t := outboxTable
	if err := w.insertLines(t, []line{l}, ""); err != nil {
		return err
	}
	if t.text(l, "state") != string(alerting.RowPending) {
		return nil
	}
	return w.urge(t.text(l, "dedup_key"), alerting.Target{Receiver: t.text(l, "receiver"), Integration: t.text(l, "integration")},
		t.number(l, "seq"), t.number(l, "priority"))
}
