package state

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"

	"burnline/alerting"
)

var _ alerting.AlertReader = (*Store)(nil)

// ListAlerts implements alerting.AlertReader.
func (s *Store) ListAlerts(ctx context.Context, f alerting.AlertFilter) ([]alerting.AlertView, error) {
	// Without matchers the database leaves out what is not asked for.
	paged := len(f.Matchers) == 0 && f.Receiver == nil
	alerts, err := s.listed(ctx, f, paged)
	if err != nil {
		return nil, err
	}
	places, err := s.places(ctx, f)
	if err != nil {
		return nil, err
	}
	views := make([]alerting.AlertView, 0, len(alerts))
	for _, a := range alerts {
		v := view(a)
		for _, p := range places[a.ID] {
			v.Places = append(v.Places, p.place)
		}
		if f.Receiver == nil || len(v.Places) > 0 {
			views = append(views, v)
		}
	}
	if paged {
		return views, nil
	}
	return cut(views, f), nil
}

// ListAlertGroups implements alerting.AlertReader.
func (s *Store) ListAlertGroups(ctx context.Context, f alerting.AlertFilter) ([]alerting.AlertGroupView, error) {
	alerts, err := s.listed(ctx, f, false)
	if err != nil {
		return nil, err
	}
	places, err := s.places(ctx, f)
	if err != nil {
		return nil, err
	}
	groups := map[int64]*alerting.AlertGroupView{}
	for _, a := range alerts {
		for _, p := range places[a.ID] {
			g := groups[p.group.ID]
			if g == nil {
				g = &alerting.AlertGroupView{AlertGroup: *p.group}
				groups[p.group.ID] = g
			}
			v := view(a)
			v.Places = []alerting.AlertPlace{p.place}
			g.Alerts = append(g.Alerts, v)
		}
	}
	all := make([]alerting.AlertGroupView, 0, len(groups))
	for _, g := range groups {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b alerting.AlertGroupView) int {
		return cmp.Or(cmp.Compare(a.Receiver, b.Receiver), cmp.Compare(a.Labels.String(), b.Labels.String()), cmp.Compare(a.ID, b.ID))
	})
	return cut(all, f), nil
}

// listed reads the alerts that match, without where they are told.
func (s *Store) listed(ctx context.Context, f alerting.AlertFilter, paged bool) ([]*alerting.OutsideAlert, error) {
	query, args := `SELECT `+alertColumns+` FROM alerts a WHERE a.ended = 0 ORDER BY a.id`, []any{}
	if f.Incident != "" {
		query, args = `SELECT `+alertColumns+` FROM alerts a JOIN alert_members m ON m.alert_id = a.id JOIN alert_groups g ON g.id = m.group_id
			WHERE g.dedup_key = $1 ORDER BY m.ended > 0, m.ended DESC, m.starts DESC, a.id`, []any{plain(f.Incident)}
	}
	if paged && f.Limit > 0 {
		query += ` LIMIT $` + strconv.Itoa(len(args)+1) + ` OFFSET $` + strconv.Itoa(len(args)+2)
		args = append(args, f.Limit, f.Offset)
	}
	var all []*alerting.OutsideAlert
	err := eachRow(ctx, s.reads, query, args, func(rows *sql.Rows) error {
		a, err := scanAlert(rows)
		for _, m := range f.Matchers {
			if !m.Matches(a.Labels.Get(m.Name)) {
				return err
			}
		}
		all = append(all, a)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list alerts: %w", s.dialect.explain(err))
	}
	return all, nil
}

// placed is where an alert is told.
type placed struct {
	place alerting.AlertPlace
	group *alerting.AlertGroup
}

// places reads where alerts are told, by their number: in groups that are open, or in an
// incident's.
func (s *Store) places(ctx context.Context, f alerting.AlertFilter) (map[int64][]placed, error) {
	condition, args := `g.closed = 0 AND m.ended = 0`, []any{}
	if f.Incident != "" {
		condition, args = `g.dedup_key = $1`, []any{plain(f.Incident)}
	}
	groups := map[int64]*alerting.AlertGroup{}
	err := eachRow(ctx, s.reads, `SELECT `+groupColumns+` FROM alert_groups g`+map[bool]string{true: ` WHERE g.closed = 0`, false: ` WHERE g.dedup_key = $1`}[f.Incident == ""], args,
		func(rows *sql.Rows) error {
			g, err := scanGroup(rows)
			if f.Receiver == nil || f.Receiver(g.Receiver) {
				groups[g.ID] = g
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("list groups of alerts: %w", s.dialect.explain(err))
	}
	places := map[int64][]placed{}
	err = eachRow(ctx, s.reads, `SELECT `+memberColumns+`, m.alert_id FROM alert_members m JOIN alert_groups g ON g.id = m.group_id WHERE `+condition+` ORDER BY m.group_id`, args,
		func(rows *sql.Rows) error {
			var id int64
			m, err := scanMember(rows, &id)
			if g := groups[m.Group]; err == nil && g != nil {
				m.Decision.Receiver = g.Receiver
				places[id] = append(places[id], placed{group: g, place: alerting.AlertPlace{
					Receiver: g.Receiver, Key: g.Key, Group: g.Labels, Starts: m.Starts, Ended: m.Ended, Decision: m.Decision, Told: g.Told, Flush: g.Flush,
				}})
			}
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("list groups of alerts: %w", s.dialect.explain(err))
	}
	return places, nil
}

// view is an alert as it stands.
func view(a *alerting.OutsideAlert) alerting.AlertView {
	return alerting.AlertView{AlertStatus: a.Status(a.StartsAt, a.EndsAt), Origin: a.Origin, Updated: a.Updated, Expires: a.Expires, Reason: a.Reason}
}

// cut returns the part of a list that is asked for.
func cut[T any](all []T, f alerting.AlertFilter) []T {
	all = all[min(len(all), f.Offset):]
	if f.Limit > 0 {
		all = all[:min(len(all), f.Limit)]
	}
	return all
}
