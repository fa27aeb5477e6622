package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWhoIsToldForRealComesFromAllFiles reads shadow mode from the configuration, the teams' file
// and the command line.
func TestWhoIsToldForRealComesFromAllFiles(t *testing.T) {
	for _, tc := range []struct {
		name, alerting, team string
		flag                 bool
		covered, live        string
	}{
		{"everybody without shadow mode", "{}", "", false, "", "payments search"},
		{"nobody in shadow mode", "{shadow: true}", "", false, "payments search", ""},
		{"nobody with the flag", "{}", "", true, "payments search", ""},
		{"a team that the configuration names", "{shadow: true, live: [payments]}", "", false, "search", "payments"},
		{"a team whose file says so", "{shadow: true}", ", live: true", false, "search", "payments"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{
				"burnline.yaml":    "slos: [slos]\nalerting: " + tc.alerting,
				"slos/teams.yaml":  "apiVersion: burnline/v1\nkind: Teams\nteams: {payments: {owners: [ann@example.com]" + tc.team + "}, search: {}, data: {}}",
				"slos/export.yaml": yearLong,
			} {
				path := filepath.Join(dir, name)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			set, err := load(Options{ConfigPath: filepath.Join(dir, "burnline.yaml"), Override: Override{Shadow: tc.flag}})
			if err != nil {
				t.Fatal(err)
			}
			for _, team := range strings.Fields(tc.covered) {
				if !set.alerting.Shadow.Covers(team) {
					t.Errorf("%s is told for real", team)
				}
			}
			for _, team := range strings.Fields(tc.live) {
				if set.alerting.Shadow.Covers(team) {
					t.Errorf("%s is not told for real", team)
				}
			}
		})
	}
}

func TestALiveTeamThatNobodyKnowsIsAWarning(t *testing.T) {
	path := writeConfig(t, "slos: []\nalerting: {shadow: true, live: [paymets]}")
	set, err := load(Options{ConfigPath: path})
	if err != nil || !strings.Contains(set.Findings.Error(), `alerting.live[0]: warning: no SLO and no teams' file names a team "paymets"`) {
		t.Errorf("%v; findings: %v", err, set.Findings)
	}
}
