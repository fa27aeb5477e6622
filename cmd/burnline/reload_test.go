package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"burnline/internal/harness/pagerduty"
)

// TestABadReloadKeepsTheOldSetAndIsShown changes the SLO file of a running
// server, in every way that a reload is asked for.
func TestABadReloadKeepsTheOldSetAndIsShown(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("requests are counted", func() bool { return s.counted().Total > 0 })

	s.write("slos/shop.yaml", strings.Replace(shortSLO, "journey:", "jorney:", 1))
	s.eventually("the overview says what is wrong with the file", func() bool {
		return strings.Contains(s.page("/"), "jorney") && strings.Contains(s.page("/"), "shop.yaml")
	})
	if code, text := s.post("/-/reload"); code == http.StatusOK || !strings.Contains(text, "shop.yaml:8") {
		t.Errorf("reloading a bad file answers %d: %s", code, text)
	}
	before := s.counted()
	s.eventually("the old set goes on counting", func() bool { return s.counted().Total > before.Total })

	s.write("slos/shop.yaml", shortSLO)
	dangling := filepath.Join(s.dir, "slos/dangling.yaml")
	if err := os.Symlink("nowhere", dangling); err != nil {
		t.Fatal(err)
	}
	if code, text := s.post("/-/reload"); code == http.StatusOK || !strings.Contains(text, "dangling.yaml: the link leads nowhere") {
		t.Errorf("reloading a link that leads nowhere answers %d: %s", code, text)
	}
	before = s.counted()
	s.eventually("the old set goes on counting beside the link", func() bool { return s.counted().Total > before.Total })
	if err := os.Remove(dangling); err != nil {
		t.Fatal(err)
	}

	s.write("slos/shop.yaml", strings.Replace(shortSLO, "objective: 99", "objective: 98", 1))
	s.eventually("the saved file is in force by itself, and counts are kept", func() bool {
		return s.objective() == 98 && s.counted().Total > before.Total
	})
	s.eventually("the overview no longer shows what was wrong", func() bool { return !strings.Contains(s.page("/"), "jorney") })

	// SIGHUP reads a second file that only the configuration names.
	s.write("elsewhere/shop.yaml", strings.Replace(shortSLO, "objective: 99", "objective: 97", 1))
	config, err := os.ReadFile(filepath.Join(s.dir, "burnline.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("burnline.yaml", "slos: [elsewhere]\n"+string(config))
	if err := s.server.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	s.eventually("the other folder is in force", func() bool { return s.objective() == 97 })
	if code, text := s.post("/-/reload"); code != http.StatusOK {
		t.Errorf("reloading a good file answers %d: %s", code, text)
	}
}

// TestAConfigurationThatIsWrittenLaterIsRead starts on the defaults, as a
// newcomer does, and writes burnline.yaml beside the running server.
func TestAConfigurationThatIsWrittenLaterIsRead(t *testing.T) {
	s := &story{t: t, dir: t.TempDir(), web: freeAddress(t), stand: pagerduty.New(pagerduty.Options{})}
	t.Chdir(s.dir) // so it can't run beside others
	s.server = s.process("serve", "--listen", s.web, "--otlp-grpc", "127.0.0.1:0", "--otlp-http", "127.0.0.1:0")
	t.Cleanup(func() { s.server.Kill() })
	s.start()

	const config = "alerting: {receivers: [{name: first-oncall, pagerduty_configs: [{routing_key: " + routingKey + "}]}]}\n"
	s.write("burnline.yaml", config)
	s.eventually("its receiver is in force", func() bool { return strings.Contains(s.page("/system"), "first-oncall") })

	if err := os.Remove("burnline.yaml"); err != nil {
		t.Fatal(err)
	}
	if code, text := s.post("/-/reload"); code == http.StatusOK || !strings.Contains(text, "burnline.yaml") {
		t.Errorf("reloading without the file answers %d: %s", code, text)
	}
	if !strings.Contains(s.page("/system"), "first-oncall") {
		t.Error("the receiver went with the file")
	}
}

// TestAnSLOFolderThatIsGoneIsAMistake removes the default folder of a running
// server, as a deployment that replaces it does: no open page may be resolved by it.
func TestAnSLOFolderThatIsGoneIsAMistake(t *testing.T) {
	t.Parallel()
	s := newStory(t, nil)
	s.eventually("the SLO is in force", func() bool { return s.objective() == 99 })

	folder := filepath.Join(s.dir, "slos")
	if err := os.Rename(folder, folder+".old"); err != nil {
		t.Fatal(err)
	}
	if code, text := s.post("/-/reload"); code == http.StatusOK || !strings.Contains(text, "slos: the SLO folder is gone; put it back") {
		t.Errorf("reloading without the folder answers %d: %s", code, text)
	}
	if s.objective() != 99 {
		t.Error("the SLO went with its folder")
	}

	s.write("slos/shop.yaml", strings.Replace(shortSLO, "objective: 99", "objective: 98", 1))
	s.eventually("a new folder is in force by itself", func() bool { return s.objective() == 98 })
	s.eventually("nothing is shown to be wrong", func() bool { return !strings.Contains(s.page("/"), "folder is gone") })
	if err := os.Remove(filepath.Join(folder, "shop.yaml")); err != nil {
		t.Fatal(err)
	}
	s.eventually("an empty folder watches nothing", func() bool { return s.objective() == 0 })
}

// objective is that of the SLO in force.
func (s *story) objective() float64 {
	var answer struct{ Objective float64 }
	_ = s.get("/api/v1/slos/shop/availability", &answer) // 0 while the server is away
	return answer.Objective
}

// page returns the HTML of a page; "" while the server is away.
func (s *story) page(path string) string {
	resp, err := http.Get("http://" + s.web + path)
	if err != nil {
		return ""
	}
	return body(s.t, resp)
}

func (s *story) post(path string) (int, string) {
	s.t.Helper()
	resp, err := http.Post("http://"+s.web+path, "", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, body(s.t, resp)
}

// TestARefusedReloadIsTriedAgainWhenItsMissingSecretComes saves a configuration before the file that it names, and a key that
// only a restart puts in force.
func TestARefusedReloadIsTriedAgainWhenItsMissingSecretComes(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	s.write("slos/shop.yaml", shortSLO)
	s.configure("")
	s.start()
	s.configure("backup: {to: backups}\nalerting: {receivers: [{name: late-oncall, pagerduty_configs: [{routing_key_file: secrets/pd.key}]}], route: {receiver: late-oncall}}\n")
	s.eventually("that the reload was refused", func() bool { return strings.Contains(s.page("/"), "pd.key") })
	told := burnline(t, "doctor", "--server", "http://"+s.web)
	told.wants(t, 1, "problem  configuration: the reload at ", "pd.key", "SIGHUP or POST /-/reload")
	if n := strings.Count(told.out, "the reload at"); n != 1 {
		t.Errorf("it is told %d times:\n%s", n, told.out)
	}
	s.write("secrets/pd.key", routingKey+"\n")
	s.eventually("the receiver is in force", func() bool { return strings.Contains(s.page("/system"), "late-oncall") })
	s.eventually("the page System names what waits for a restart", func() bool { return strings.Contains(s.page("/system"), "only after a restart: backup.to") })
	s.eventually("that doctor tells of no refusal", func() bool {
		told = burnline(t, "doctor", "--server", "http://"+s.web)
		return !strings.Contains(told.out, "the reload at")
	})
	told.wants(t, told.code, "warning  configuration: changed and in force only after a restart: backup.to", "backup.to was written and is in force after a restart")
}
