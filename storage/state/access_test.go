package state_test

import (
	"database/sql"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/internal/auth"
	"burnline/internal/harness/patience"
	"burnline/storage/state"
)

func person(name string) auth.User {
	return auth.User{Name: name, Display: "Ada \x00", Role: auth.Editor, Teams: []string{"zahlung"}, Hash: "$argon2id$…", Epoch: "e1", Created: start, Changed: start}
}

func keepUsers(t *testing.T, s *state.Spooled, all ...auth.User) {
	t.Helper()
	if err := s.EditUsers(t.Context(), func([]auth.User) ([]auth.User, []string, error) { return all, nil, nil }); err != nil {
		t.Fatal(err)
	}
}

func TestUsersAreKeptChangedAndDeletedAsAWhole(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		keepUsers(t, s, person("grace"), person("ada"))
		no := errors.New("no")
		if err := s.EditUsers(t.Context(), func(all []auth.User) ([]auth.User, []string, error) {
			if len(all) != 2 || all[0].Name != "ada" {
				t.Errorf("users to edit are %+v, want them by name", all)
			}
			return nil, []string{"ada"}, no
		}); !errors.Is(err, no) {
			t.Errorf("a refused edit: %v", err)
		}
		changed := person("grace")
		changed.Role, changed.Epoch = auth.Admin, "e2"
		if err := s.EditUsers(t.Context(), func([]auth.User) ([]auth.User, []string, error) {
			return []auth.User{changed}, []string{"ada"}, nil
		}); err != nil {
			t.Fatal(err)
		}
		s = open()
		changed.Display = "Ada \uFFFD"
		have, err := s.Users(t.Context())
		if err != nil || len(have) != 1 || have[0].Role != auth.Admin || have[0].Epoch != "e2" || have[0].Hash != changed.Hash || !slices.Equal(have[0].Teams, changed.Teams) {
			t.Errorf("users are %+v, %v", have, err)
		}
	})
}

func TestWhatIsOverStaysOverInWhateverOrderItIsTold(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		one := auth.Session{Hash: "abc", User: "ada", Epoch: "e1", From: "192.0.2.1", Created: start, Seen: start.Add(time.Hour), Ended: start.Add(2 * time.Hour)}
		late := one
		late.Seen, late.Ended = start.Add(90*time.Minute), time.Time{}
		for _, told := range []auth.Session{one, late} {
			if err := s.SaveSession(t.Context(), told, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
		want := one
		want.Seen = late.Seen
		if have, found, err := s.Session(t.Context(), "abc"); err != nil || !found || !reflect.DeepEqual(have, want) {
			t.Errorf("the session is %+v, %v, want it over", have, err)
		}
		token := auth.Token{ID: "t1", Name: "ci", Hash: "def", Scopes: []auth.Scope{auth.Read}, Teams: []string{}, By: "ada", Created: start, Expires: start.Add(time.Hour)}
		revoked, used := token, token
		revoked.Revoked, revoked.RevokedBy, used.Used = start.Add(time.Minute), "grace", start.Add(2*time.Minute)
		for _, told := range []auth.Token{token, revoked, used} {
			if err := s.SaveToken(t.Context(), told); err != nil {
				t.Fatal(err)
			}
		}
		wanted := revoked
		wanted.Used = used.Used
		if have, found, err := s.TokenOf(t.Context(), "def"); err != nil || !found || !reflect.DeepEqual(have, wanted) {
			t.Errorf("the token is %+v, %v, want it revoked", have, err)
		}
		if all, err := s.Tokens(t.Context()); err != nil || len(all) != 1 || all[0].ID != "t1" {
			t.Errorf("all tokens are %+v, %v", all, err)
		}
		if _, found, err := s.Session(t.Context(), "never"); found || err != nil {
			t.Errorf("a session that never was: %t, %v", found, err)
		}
		if _, found, err := s.TokenOf(t.Context(), "never"); found || err != nil {
			t.Errorf("a token that never was: %t, %v", found, err)
		}
		if err := s.SaveSession(t.Context(), auth.Session{Hash: "new", User: "ada", Seen: start.Add(100 * time.Hour)}, start.Add(50*time.Hour)); err != nil {
			t.Fatal(err)
		}
		if _, found, _ := s.Session(t.Context(), "abc"); found {
			t.Error("an old session is kept for good")
		}
	})
}

// act appends entries of one hour each.
func act(t *testing.T, s *state.Spooled, from int, acts ...string) {
	t.Helper()
	for i, what := range acts {
		e := auth.Entry{ID: fmt.Sprintf("e%02d", from+i), At: start.Add(time.Duration(from+i) * time.Hour), Who: []string{"ada", "grace"}[(from+i)%2],
			Act: what, Object: "100%_sure", Route: "POST /x", Outcome: auth.Done}
		if err := s.AppendAudit(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
}

func acts(t *testing.T, s *state.Spooled, f auth.EntryFilter) string {
	t.Helper()
	if f.Limit == 0 {
		f.Limit = 100
	}
	all, err := s.Audit(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range all {
		names = append(names, e.Act)
	}
	return strings.Join(names, " ")
}

func TestTheAuditLogIsReadByWhoWhatAndWhen(t *testing.T) {
	engines(t, func(t *testing.T, open func() *state.Spooled) {
		s := open()
		act(t, s, 0, "Silence", "acknowledge", "reload", "drill")
		act(t, s, 0, "again")
		for _, c := range []struct {
			name, want string
			filter     auth.EntryFilter
		}{
			{"all, the newest first, and the first of an ID counts", "drill reload acknowledge Silence", auth.EntryFilter{}},
			{"who", "reload Silence", auth.EntryFilter{Who: "ada"}},
			{"what, in any case", "Silence", auth.EntryFilter{What: "SILE"}},
			{"what it was done to, in which a sign is no wildcard", "drill reload acknowledge Silence", auth.EntryFilter{What: "100%_s"}},
			{"a sign that is nowhere", "", auth.EntryFilter{What: "%s"}},
			{"when, the end not part of it", "reload acknowledge", auth.EntryFilter{From: start.Add(time.Hour), To: start.Add(3 * time.Hour)}},
			{"what is older than an entry", "acknowledge Silence", auth.EntryFilter{Before: "e02"}},
			{"no more than asked for", "drill", auth.EntryFilter{Limit: 1}},
			{"an outcome", "", auth.EntryFilter{Outcome: auth.Refused}},
		} {
			if have := acts(t, s, c.filter); have != c.want {
				t.Errorf("%s: %q, want %q", c.name, have, c.want)
			}
		}
	})
}

func TestTheDatabaseItselfRefusesToChangeTheAuditLog(t *testing.T) {
	dir := t.TempDir()
	s, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	act(t, s, 0, "silence")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	sqliteDB, err := sql.Open("sqlite3", "file:"+dir+"/"+state.FileName)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sqliteDB.Close() }()
	o := withPostgres(t)
	p, err := state.OpenSpooled(t.Context(), state.SpoolOptions{Options: state.Options{DSN: o.DSN, Dir: t.TempDir()}})
	if err != nil {
		t.Fatal(err)
	}
	act(t, p, 0, "silence")
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	postgresDB, err := sql.Open("pgx", o.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = postgresDB.Close() }()
	for name, c := range map[string]struct {
		db *sql.DB
		do []string
	}{
		"sqlite":   {sqliteDB, []string{`UPDATE audit SET who = 'mallory'`, `DELETE FROM audit`}},
		"postgres": {postgresDB, []string{`UPDATE audit SET who = 'mallory'`, `DELETE FROM audit`, `TRUNCATE audit`}},
	} {
		for _, statement := range c.do {
			if _, err := c.db.ExecContext(t.Context(), statement); err == nil || !strings.Contains(err.Error(), "only grows") {
				t.Errorf("%s: %s: %v, want a refusal", name, statement, err)
			}
		}
	}
}

// An engineer on call signs in while PostgreSQL is away; what was done then is in the log after it.
func TestPeopleGetInWhilePostgreSQLIsAway(t *testing.T) {
	t.Parallel()
	o := newOutage(t)
	n := o.run(t.TempDir(), &pagerOf{})
	s := n.store
	keepUsers(t, s, person("ada"))
	before := auth.Session{Hash: "before", User: "ada", Epoch: "e1", Created: time.Now().UTC(), Seen: time.Now().UTC()}
	token := auth.Token{ID: "t1", Hash: "def", Scopes: []auth.Scope{auth.Read}, Created: start, Expires: start.Add(time.Hour)}
	if err := errors.Join(s.SaveSession(t.Context(), before, time.Time{}), s.SaveToken(t.Context(), token)); err != nil {
		t.Fatal(err)
	}
	act(t, s, 0, "early")
	o.halt()
	if all, err := s.Users(t.Context()); err != nil || len(all) != 1 {
		t.Errorf("users are %+v, %v", all, err)
	}
	if _, found, err := s.Session(t.Context(), "before"); !found || err != nil {
		t.Errorf("who was signed in is not any more: %v", err)
	}
	if _, found, err := s.TokenOf(t.Context(), "def"); !found || err != nil {
		t.Errorf("a token is not known: %v", err)
	}
	during, ended := before, before
	during.Hash, ended.Ended = "during", time.Now().UTC()
	if err := errors.Join(s.SaveSession(t.Context(), during, time.Now()), s.SaveSession(t.Context(), ended, time.Time{})); err != nil {
		t.Fatal(err)
	}
	act(t, s, 1, "late", "later")
	for name, err := range map[string]error{
		"a change of users":  s.EditUsers(t.Context(), func([]auth.User) ([]auth.User, []string, error) { return nil, []string{"ada"}, nil }),
		"a change of tokens": s.SaveToken(t.Context(), token),
	} {
		if !errors.Is(err, state.ErrAway) {
			t.Errorf("%s: %v, want ErrAway", name, err)
		}
	}
	o.resume()
	n.isBack()
	if have := acts(t, s, auth.EntryFilter{}); have != "later late early" {
		t.Errorf("the audit log has %q", have)
	}
	for hash, over := range map[string]bool{"before": true, "during": false} {
		if have, found, err := s.Session(t.Context(), hash); err != nil || !found || have.Ended.IsZero() == over {
			t.Errorf("the session %s is %+v, %v", hash, have, err)
		}
	}
	patience.Until(t, "the spool forgets what it told", func() bool { return n.spooled(`SELECT COUNT(*) FROM audit`) == 0 })
}
