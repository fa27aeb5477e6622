package state

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"burnline/alerting"
	"burnline/slo"
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
	notes, err := encodeJSON(a.Annotations)
	if err != nil {
		return nil, err
	}
	return []any{a.Print, ls, notes, plain(a.GeneratorURL), plain(a.Origin), nanos(a.StartsAt), nanos(a.EndsAt), nanos(a.Expires),
		string(a.Ending), plain(a.Reason), nanos(a.Updated)}, nil
}

// encodeJSON writes labels or annotations. What is no UTF-8 is replaced, and a NUL is
// escaped, so that every database takes it.
func encodeJSON(v any) (string, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write labels as JSON: %w", err)
	}
	return string(b), nil
}

// labelText is a stored set of labels: names and values in turns.
type labelText slo.Labels

// Scan implements sql.Scanner.
func (l *labelText) Scan(from any) error {
	var flat []string
	if err := scanJSON(from, &flat); err != nil {
		return err
	}
	ls := make(slo.Labels, 0, len(flat)/2)
	for i := 0; i+1 < len(flat); i += 2 {
		ls = append(ls, slo.Label{Name: flat[i], Value: flat[i+1]})
	}
	*l = labelText(ls)
	return nil
}

// noteText are stored annotations.
type noteText map[string]string

// Scan implements sql.Scanner.
func (n *noteText) Scan(from any) error { return scanJSON(from, (*map[string]string)(n)) }

func scanJSON(from, into any) error {
	switch text := from.(type) {
	case string:
		return json.Unmarshal([]byte(text), into)
	case []byte:
		return json.Unmarshal(text, into)
	}
	return errors.New("it is no text")
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
