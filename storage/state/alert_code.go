package state

import (
	"database/sql"
	"errors"
	"time"

	"burnline/alerting"
)

const (
	// alertFields are the columns of an alert but for its number.
	alertFields = `print, labels, annotations, generator, origin, starts, ended, expires, ending, reason, updated`
	// alertColumns are those that alertTargets reads, of the alerts that a query calls a.
	alertColumns = `a.id, a.print, a.labels, a.annotations, a.generator, a.origin, a.starts, a.ended, a.expires, a.ending, a.reason, a.updated`
	// memberColumns are those that scanMember reads, of the members that a query calls m.
	memberColumns = `m.group_id, m.starts, m.ended, m.fate, m.fate_by, m.until, m.reason, m.at`
	// memberWidth is how many columns a member has.
	memberWidth = 9
	// groupColumns are those that scanGroup reads, of the groups that a query calls g.
	groupColumns = `g.id, g.dedup_key, g.identity, g.receiver, g.labels, g.severity, g.started, g.opened, g.closed,
		g.firing, g.resolved, g.unproven, g.news, g.told, g.flush`
)

// alertRow are the values of alertFields.
func alertRow(a *alerting.OutsideAlert) ([]any, error) {
	ls, err := encodeLabels(a.Labels)
	if err != nil {
		return nil, err
	}
	notes, err := encodeNotes(a.Annotations)
	if err != nil {
		return nil, err
	}
	return []any{a.Print, ls, notes, plain(a.GeneratorURL), plain(a.Origin), nanos(a.StartsAt), nanos(a.EndsAt), nanos(a.Expires),
		string(a.Ending), plain(a.Reason), nanos(a.Updated)}, nil
}

// moment is a stored time.
type moment time.Time

// Scan implements sql.Scanner.
func (m *moment) Scan(from any) error {
	n, ok := from.(int64)
	if !ok {
		return errors.New("it is no time")
	}
	*m = moment(fromNanos(n))
	return nil
}

// alertTargets are where alertColumns go.
func alertTargets(a *alerting.OutsideAlert) []any {
	return []any{&a.ID, &a.Print, (*labelText)(&a.Labels), (*noteText)(&a.Annotations), &a.GeneratorURL, &a.Origin, (*moment)(&a.StartsAt), (*moment)(&a.EndsAt),
		(*moment)(&a.Expires), &a.Ending, &a.Reason, (*moment)(&a.Updated)}
}

// scanAlert reads alertColumns.
func scanAlert(rows *sql.Rows) (*alerting.OutsideAlert, error) {
	a := &alerting.OutsideAlert{}
	err := rows.Scan(alertTargets(a)...)
	return a, err
}

// scanMember reads memberColumns, and more after them.
func scanMember(rows *sql.Rows, more ...any) (*alerting.AlertMember, error) {
	m := &alerting.AlertMember{}
	d := &m.Decision
	err := rows.Scan(append([]any{&m.Group, (*moment)(&m.Starts), (*moment)(&m.Ended), &d.Fate, &d.By, (*moment)(&d.Until), &d.Reason, (*moment)(&d.At)}, more...)...)
	return m, err
}

// scanGroup reads groupColumns.
func scanGroup(rows *sql.Rows, more ...any) (*alerting.AlertGroup, error) {
	g := &alerting.AlertGroup{}
	err := rows.Scan(append([]any{&g.ID, &g.Key, &g.Identity, &g.Receiver, (*labelText)(&g.Labels), &g.Severity, (*moment)(&g.Started), (*moment)(&g.Opened), (*moment)(&g.Closed),
		&g.Firing, &g.Resolved, &g.Unproven, &g.News, (*moment)(&g.Told), (*moment)(&g.Flush)}, more...)...)
	return g, err
}
