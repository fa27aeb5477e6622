package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"burnline/internal/harness/pagerduty"
	"burnline/internal/harness/postgres"
)

// TestTheFirstAdminNeverStandsBeforeTheServer starts a server that nobody can sign in to yet, first without the file of the
// password, then without PostgreSQL: it pages all the same, and lets the admin in when both are there.
func TestTheFirstAdminNeverStandsBeforeTheServer(t *testing.T) {
	t.Parallel()
	database := postgres.Run(t)
	s := newPlace(t, pagerduty.Options{})
	s.write("burnline.yaml", fmt.Sprintf(`
server:
  listen: %q
  auth: {mode: local, first_admin: {password_file: admin-password}}
collector: {otlp: {grpc: %q, http: %q}}
data: data
state: {dsn: %q}
`, s.web, s.grpc, s.otlp, database.DSN("postgres")))
	prints := func(text string) func() bool {
		return func() bool { return strings.Contains(s.server.Output(), text) }
	}
	s.start()
	s.eventually("the log says what is missing", prints("server.auth.first_admin.password_file"))

	if err := database.Halt(); err != nil {
		t.Fatal(err)
	}
	s.server.Kill()
	s.start()
	s.eventually("that it goes by the spool", s.says("/-/ready", http.StatusOK, "local spool"))
	s.write("admin-password", "correct horse battery staple\n")
	if strings.Contains(s.server.Output(), "the first one may sign in") {
		t.Error("an admin is made while PostgreSQL is away")
	}
	if err := database.Resume(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.eventually("that the admin is let in", prints("the first one may sign in"))

	config := filepath.Join(s.dir, "burnline.yaml")
	hasAll(t, command(t, exitFine, "users", "list", "--config", config), "admin  admin  ")
	token, _, _ := strings.Cut(command(t, exitFine, "tokens", "create", "root", "--scope", "admin", "--config", config), "\n")
	var log struct {
		Entries []struct{ Who, Act, Object string }
	}
	s.eventually("the audit log names it", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+s.web+"/api/v1/audit?who=configuration", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return json.NewDecoder(resp.Body).Decode(&log) == nil && len(log.Entries) == 1
	})
	if e := log.Entries[0]; e.Act != "let a user in" || e.Object != "admin" {
		t.Errorf("the audit log says %+v", e)
	}
}
