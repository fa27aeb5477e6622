package state_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/alertmanager/pkg/labels"

	"burnline/alerting"
	"burnline/alerting/reviews"
	"burnline/internal/auth"
	"burnline/internal/harness/nasty"
	"burnline/slo"
	"burnline/slo/changes"
	"burnline/slo/report"
	"burnline/storage/state"
)

// kept is a text as a database keeps it: PostgreSQL refuses NUL and what is no UTF-8.
func kept(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// finder is one way to look for something by a text. write keeps one thing under a text, and find
// names what it found by the texts that they were kept under.
type finder struct {
	write func(ctx context.Context, s *state.Spooled, number int, text string) error
	find  func(ctx context.Context, s *state.Spooled, text string) ([]string, error)
}

// named are the names of what a finder found.
func named[T any](all []T, err error, name func(T) string) ([]string, error) {
	var names []string
	for _, one := range all {
		names = append(names, name(one))
	}
	return names, err
}

// one is the name of what a finder found, if it did.
func one(found bool, name string, err error) ([]string, error) {
	if !found {
		return nil, err
	}
	return []string{name}, err
}

// opened opens an incident of a key, an SLO and a receiver.
func opened(ctx context.Context, s *state.Spooled, key, of string) error {
	tr := transition(slo.IncidentOpened, key, time.Minute)
	tr.Incident.SLO, tr.Incident.Group = of, slo.NewLabels("region", key)
	c := planned(tr)
	return s.Commit(ctx, c, tr.At)
}

// incidentFinders look for incidents, and what hangs on them, by map one state.
func incidentFinders() []map[string]finder {
	byKey := func(ctx context.Context, s *state.Spooled, _ int, text string) error {
		return opened(ctx, s, kept(text), "checkout/availability")
	}
	bySLO := func(ctx context.Context, s *state.Spooled, i int, text string) error {
		return opened(ctx, s, fmt.Sprintf("k%02d", i), kept(text))
	}
	slos := func(r alerting.Record) string { return r.Incident.SLO }
	return []map[string]finder{{
		"the key of an incident": {byKey, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			r, found, err := s.Incident(ctx, text)
			return one(found, r.Incident.Key, err)
		}},
		"the search for incidents by key": {byKey, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			all, err := s.Incidents(ctx, alerting.Filter{Find: text})
			return named(all, err, func(r alerting.Record) string { return r.Incident.Key })
		}},
		"what people write of an incident": {
			func(ctx context.Context, s *state.Spooled, i int, text string) error {
				return errors.Join(byKey(ctx, s, i, text), s.AddReview(ctx, reviews.Review{Incident: text, Notes: []reviews.Note{{ID: fmt.Sprint(i), At: start, By: text, Text: text}}}))
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				all, err := s.Reviews(ctx, []string{text})
				return named(all, err, func(r reviews.Review) string { return r.Notes[0].Text })
			},
		},
	}, {
		"the SLO of incidents": {bySLO, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			all, err := s.Incidents(ctx, alerting.Filter{SLO: text})
			return named(all, err, slos)
		}},
		"the search for incidents by SLO": {bySLO, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			all, err := s.Incidents(ctx, alerting.Filter{Find: text})
			return named(all, err, slos)
		}},
	}, {
		"the search for incidents by the last part of an SLO": {
			func(ctx context.Context, s *state.Spooled, i int, text string) error {
				return opened(ctx, s, fmt.Sprintf("k%02d", i), "shop/"+kept(text))
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				all, err := s.Incidents(ctx, alerting.Filter{Find: text})
				return named(all, err, func(r alerting.Record) string { return strings.TrimPrefix(r.Incident.SLO, "shop/") })
			},
		},
	}}
}

// alertFinders look for alerts of others by their labels.
func alertFinders() map[string]finder {
	write := func(ctx context.Context, s *state.Spooled, _ int, text string) error {
		r, err := alerting.NewRouter(alerting.Options{Store: s, Alerts: s, Config: hook(), Now: func() time.Time { return start.Add(time.Minute) }})
		if err != nil {
			return err
		}
		return r.Alerts(ctx, []slo.Alert{{Origin: alerting.OriginAPI, StartsAt: start, Labels: slo.NewLabels("alertname", text, "job", text)}})
	}
	return map[string]finder{
		"the search for incidents by the name of an alert": {write, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			all, err := s.Incidents(ctx, alerting.Filter{Find: text})
			if err != nil || len(all) != 1 {
				return named(all, err, func(r alerting.Record) string { return r.Incident.Key })
			}
			of, err := s.ListAlerts(ctx, alerting.AlertFilter{Incident: all[0].Incident.Key})
			return named(of, err, func(a alerting.AlertView) string { return a.Labels.Get("alertname") })
		}},
		"the matchers of alerts": {write, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			m, err := labels.NewMatcher(labels.MatchEqual, "job", strings.ToValidUTF8(text, "\uFFFD"))
			if err != nil {
				return nil, err
			}
			all, err := s.ListAlerts(ctx, alerting.AlertFilter{Matchers: labels.Matchers{m}})
			return named(all, err, func(a alerting.AlertView) string { return a.Labels.Get("job") })
		}},
	}
}

// accessFinders look for who may get in and for what they did.
func accessFinders() map[string]finder {
	entry := func(ctx context.Context, s *state.Spooled, i int, text string) error {
		return s.AppendAudit(ctx, auth.Entry{ID: fmt.Sprint(i), At: start.Add(time.Duration(i) * time.Minute), Who: text, Act: "x", Object: text, Route: "POST /x", Outcome: auth.Done})
	}
	log := func(f func(text string) auth.EntryFilter) func(context.Context, *state.Spooled, string) ([]string, error) {
		return func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			filter := f(text)
			filter.Limit = 100
			all, err := s.Audit(ctx, filter)
			return named(all, err, func(e auth.Entry) string { return e.Who })
		}
	}
	return map[string]finder{
		"who is in the audit log":  {entry, log(func(text string) auth.EntryFilter { return auth.EntryFilter{Who: text} })},
		"what is in the audit log": {entry, log(func(text string) auth.EntryFilter { return auth.EntryFilter{What: text} })},
		"an outcome of the log":    {entry, log(func(text string) auth.EntryFilter { return auth.EntryFilter{Who: text, Outcome: auth.Done} })},
		"the hash of a session": {
			func(ctx context.Context, s *state.Spooled, _ int, text string) error {
				return s.SaveSession(ctx, auth.Session{Hash: kept(text), User: text, Created: start, Seen: start}, time.Time{})
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				got, found, err := s.Session(ctx, text)
				return one(found, got.User, err)
			},
		},
		"the hash of a token": {
			func(ctx context.Context, s *state.Spooled, i int, text string) error {
				return s.SaveToken(ctx, auth.Token{ID: fmt.Sprint(i), Name: text, Hash: kept(text), Created: start, Expires: start.Add(time.Hour)})
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				got, found, err := s.TokenOf(ctx, text)
				return one(found, got.Name, err)
			},
		},
		"a user who is removed": {
			func(ctx context.Context, s *state.Spooled, _ int, text string) error {
				return s.EditUsers(ctx, func([]auth.User) ([]auth.User, []string, error) { return []auth.User{{Name: text}}, nil, nil })
			}, removedUser,
		},
	}
}

// removedUser removes the user of a name and names who is gone; they are there again after it.
func removedUser(ctx context.Context, s *state.Spooled, text string) (gone []string, _ error) {
	before, err := s.Users(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.EditUsers(ctx, func([]auth.User) ([]auth.User, []string, error) { return nil, []string{text}, nil }); err != nil {
		return nil, err
	}
	after, err := s.Users(ctx)
	for _, u := range before {
		if !slices.ContainsFunc(after, func(a auth.User) bool { return a.Name == u.Name }) {
			gone = append(gone, u.Name)
		}
	}
	return gone, errors.Join(err, s.EditUsers(ctx, func([]auth.User) ([]auth.User, []string, error) { return before, nil, nil }))
}

// planFinders look for changes, corrections, silences, maintenances, posts, wordings and reports.
func planFinders(t *testing.T) map[string]finder {
	change := func(ctx context.Context, s *state.Spooled, i int, text string) error {
		_, _, err := s.SaveChange(ctx, slo.ChangeEvent{ID: fmt.Sprint(i), At: start, Title: text, Service: text, Version: text, Kind: slo.ChangeDeploy}, time.Time{})
		return err
	}
	changed := func(f func(text string) changes.Filter) func(context.Context, *state.Spooled, string) ([]string, error) {
		return func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
			filter := f(text)
			filter.Limit = 100
			all, err := s.Changes(ctx, filter)
			return named(all, err, func(c slo.ChangeEvent) string { return c.Title })
		}
	}
	return map[string]finder{
		"the service of changes": {change, changed(func(text string) changes.Filter { return changes.Filter{Service: text} })},
		"the version of changes": {change, changed(func(text string) changes.Filter { return changes.Filter{Version: text} })},
		"the ID of a silence": {
			func(ctx context.Context, s *state.Spooled, _ int, text string) error {
				return s.EditSilence(ctx, "", func(*alerting.Silence) ([]alerting.Silence, error) {
					quiet := silenced(t, kept(text), time.Hour)
					quiet.Reason = text
					return []alerting.Silence{quiet}, nil
				})
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				got, found, err := s.Silence(ctx, text)
				return one(found, got.Reason, err)
			},
		},
		"the ID of a correction": {
			func(ctx context.Context, s *state.Spooled, i int, text string) error {
				c := correction(t, fmt.Sprint(i))
				c.ID, c.Reason = kept(text), text
				return s.SaveCorrection(ctx, c)
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				if err := s.DeleteCorrection(ctx, text, text, start); err != nil {
					return nil, err
				}
				all, err := s.RemovedCorrections(ctx)
				slices.SortFunc(all, func(a, b slo.Correction) int { return cmp.Compare(b.RemovedBy, a.RemovedBy) })
				return named(slices.DeleteFunc(all, func(c slo.Correction) bool { return c.RemovedBy != kept(text) }), err, func(c slo.Correction) string { return c.Reason })
			},
		},
		"the ID of a post for customers": {
			func(ctx context.Context, s *state.Spooled, _ int, text string) error {
				return s.EditStatusPost(ctx, text, func(*alerting.StatusPost) (alerting.StatusPost, error) {
					return alerting.StatusPost{ID: text, At: start, Text: text}, nil
				})
			}, func(ctx context.Context, s *state.Spooled, text string) (found []string, _ error) {
				none := errors.New("nothing is changed")
				err := s.EditStatusPost(ctx, text, func(old *alerting.StatusPost) (alerting.StatusPost, error) {
					found = nil // it may be asked again
					if old != nil {
						found = []string{old.Text}
					}
					return alerting.StatusPost{}, none
				})
				if errors.Is(err, none) {
					err = nil
				}
				return found, err
			},
		},
		"the wordings of an SLO": {
			func(ctx context.Context, s *state.Spooled, _ int, text string) error {
				return s.SaveVersions(ctx, slo.Version{SLO: kept(text), Hash: "h"})
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				all, err := s.Versions(ctx, text)
				return named(all, err, func(v slo.Version) string { return v.SLO })
			},
		},
		"the team of a report": {
			func(ctx context.Context, s *state.Spooled, _ int, text string) error {
				_, err := s.SaveReport(ctx, report.Report{Period: report.Period{Name: "2026-10"}, Team: text, Revision: 1, Made: start}, "b")
				return err
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				r, found, err := s.Report(ctx, "2026-10", text, 0)
				return one(found, r.Team, err)
			},
		},
		"the period of reports": {
			func(ctx context.Context, s *state.Spooled, _ int, text string) error {
				_, err := s.SaveReport(ctx, report.Report{Period: report.Period{Name: text}, Revision: 1, Made: start}, "b")
				return err
			}, func(ctx context.Context, s *state.Spooled, text string) ([]string, error) {
				all, err := s.ReportHeads(ctx, text, 100)
				return named(all, err, func(h report.Head) string { return h.Period })
			},
		},
	}
}

// A text that breaks out of a statement, or that LIKE takes for a pattern, finds what was kept under
// it and nothing else, on both databases.
func TestATextFindsItselfAndNothingElse(t *testing.T) {
	texts := nasty.Texts()
	texts["a text that a pattern would find"] = `%xyz_abcdefghij`
	names := slices.Sorted(maps.Keys(texts))
	others := accessFinders()
	maps.Copy(others, planFinders(t))
	for _, all := range append(incidentFinders(), alertFinders(), others) {
		engines(t, func(t *testing.T, open func() *state.Spooled) {
			s := open()
			for by, f := range all {
				for i, name := range names {
					if err := f.write(t.Context(), s, i, texts[name]); err != nil {
						t.Fatalf("%s: write %s: %v", by, name, err)
					}
				}
			}
			for by, f := range all {
				for name, text := range texts {
					found, err := f.find(t.Context(), s, text)
					if err != nil || len(found) != 1 || kept(found[0]) != kept(text) {
						t.Errorf("%s: %s finds %q, %v; want %q alone", by, name, found, err, text)
					}
				}
			}
		})
	}
}
