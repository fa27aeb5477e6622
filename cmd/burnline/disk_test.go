package main

import (
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"burnline/internal/harness"
	"burnline/internal/harness/pagerduty"
	"burnline/storage/state"
)

// The size of the disk under test, and what fills it to a little room that is left to incidents and pages. Samples leave a twentieth.
const (
	diskSize = 256 << 20
	scarce   = 6 << 20
)

// smallDisk is a file system of its own, of which only the story's server sees anything.
type smallDisk struct {
	t      *testing.T
	holder *harness.Process
	// dir is the folder as this process sees it.
	dir string
}

// onSmallDisk gives the story's server a folder on a small disk, such as its data folder.
func onSmallDisk(s *story, name string) *smallDisk {
	s.t.Helper()
	dir := filepath.Join(s.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		s.t.Fatal(err)
	}
	mounted := filepath.Join(s.dir, "mounted")
	holder := &harness.Process{Command: harness.Privately(
		fmt.Sprintf("mount -t tmpfs -o size=%d,mode=700 tmpfs '%s' && touch '%s'", diskSize, dir, mounted), "sleep", "3600")}
	if err := holder.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(holder.Kill)
	s.eventually("the small disk", func() bool {
		_, err := os.Stat(mounted)
		return err == nil
	})
	s.server.Command = harness.Beside(holder.PID(), s.server.Command...)
	return &smallDisk{s.t, holder, filepath.Join("/proc", fmt.Sprint(holder.PID()), "root", dir)}
}

// fill writes a file until so many bytes are free.
func (d *smallDisk) fill(free int64) {
	d.t.Helper()
	f, err := os.OpenFile(filepath.Join(d.dir, "other-program"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		d.t.Fatal(err)
	}
	defer f.Close()
	for {
		var s syscall.Statfs_t
		if err := syscall.Statfs(d.dir, &s); err != nil {
			d.t.Fatal(err)
		}
		left := int64(s.Bavail)*s.Bsize - free
		if left <= 0 {
			return
		}
		if _, err := f.Write(make([]byte, min(left, 1<<20))); err != nil && free > 0 {
			d.t.Fatal(err)
		}
	}
}

// free removes the file.
func (d *smallDisk) free() {
	d.t.Helper()
	if err := os.Remove(filepath.Join(d.dir, "other-program")); err != nil {
		d.t.Fatal(err)
	}
}

// ask returns the status and the body of a page.
func (s *story) ask(path string) (int, string) {
	resp, err := http.Get("http://" + s.web + path)
	if err != nil {
		return 0, ""
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	return resp.StatusCode, string(text)
}

// says reports whether a page is answered with this status and text.
func (s *story) says(path string, status int, text string) func() bool {
	return func() bool {
		got, body := s.ask(path)
		return got == status && strings.Contains(body, text)
	}
}

// pages reports whether an incident of the alert is at the stand-in.
func (s *story) paged(name string) bool {
	for _, in := range s.stand.Incidents() {
		if strings.HasPrefix(in.Summaries[0], name) {
			return true
		}
	}
	return false
}

// span posts a span, and reports whether the collector takes it.
func (s *story) span() bool {
	resp, err := http.Post("http://"+s.otlp+"/v1/traces", "application/json", strings.NewReader(fmt.Sprintf(`{"resourceSpans":[{"scopeSpans":[{"spans":[
		{"traceId":"%032x","spanId":"%016x","name":"buy","kind":2,"startTimeUnixNano":"%d","endTimeUnixNano":"%[3]d","status":{"code":2}}]}]}]}`,
		time.Now().UnixNano(), time.Now().UnixNano(), time.Now().UnixNano())))
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// TestAFullDiskIsSaidDamagesNothingAndIsOverWithRoom fills the disk of the data folder, first so that only incidents and pages are
// kept, then to the last byte, kills the server on it, and makes room again.
func TestAFullDiskIsSaidDamagesNothingAndIsOverWithRoom(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	disk := onSmallDisk(s, "data")
	s.write("slos/shop.yaml", shortSLO)
	s.configure(fmt.Sprintf(`
data: %q
alerting:
  global: {pagerduty_url: %q, resolve_timeout: 2h}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: oncall}
`, filepath.Join(s.dir, "data"), listen(t, s.stand)+pagerduty.Path, routingKey))
	s.start()
	s.serveCustomers()
	s.told(paging("WithRoom"))
	s.eventually("requests are counted", func() bool { return s.counted().Total > 100 })
	s.eventually("the page of an alert", func() bool { return s.paged("WithRoom") })
	if !s.span() {
		t.Error("no span is taken")
	}

	// A backup that is sent would be staged there, and take what samples leave: it is refused before it begins.
	disk.fill(diskSize/20 + 256<<10)
	hasAll(t, command(t, 1, "backup", "--server", "http://"+s.web, "--to", filepath.Join(s.dir, "sent.tar")), "the disk of", "samples", "free space")
	if left, _ := filepath.Glob(filepath.Join(disk.dir, ".backup", "sent", "*")); len(left) > 0 {
		t.Errorf("it left %v", left)
	}

	disk.fill(scarce)
	filled := time.Now()
	s.eventually("that it is not ready", s.says("/-/ready", http.StatusServiceUnavailable, "is full"))
	s.eventually("that every page says so", s.says("/", http.StatusOK, "is full"))
	s.eventually("the metric of a full disk", func() bool { return s.metric("burnline_data_disk_full") == 1 })
	s.eventually("that a sender is told to try again", func() bool { return s.metric("burnline_ingest_failed_batches_total") > 1 })
	s.eventually("that the SLO is not shown as ok", s.says("/api/v1/slos/shop/availability", http.StatusOK, "No sample can be stored since"))
	told := burnline(t, "doctor", "--server", "http://"+s.web)
	told.wants(t, 1, "what arrives is not stored: the disk of", "batches for which the disk has no room: ", "shop/availability: No sample can be stored since")
	if strings.Contains(told.out, "nothing arrives from anybody") {
		t.Errorf("another cause is told than the disk:\n%s", told.out)
	}
	if !s.span() {
		t.Error("a span that isn't kept is told to its sender, who would send again what was counted")
	}
	s.told(paging("Scarce"))
	s.eventually("a page while samples are refused", func() bool { return s.paged("Scarce") })

	disk.fill(0)
	s.customers.Fail(true)
	none := paging("Full")
	s.eventually("that an alert is refused", func() bool { return s.sendAlerts(t.Context(), none) != nil })
	s.eventually("that every page says it of incidents", s.says("/", http.StatusOK, "state.db is full"))
	for range 20 { // others try too
		_ = s.sendAlerts(t.Context(), none)
	}
	most := 12 + 6*int(time.Since(filled)/time.Minute) // it is said again now and then
	if n := strings.Count(s.server.Output(), "level=WARN") + strings.Count(s.server.Output(), "level=ERROR"); n > most {
		t.Errorf("the log has %d lines about one disk:\n%s", n, s.server.Output())
	}
	accepted := s.customers.Acknowledged()
	s.server.Kill()
	if err := s.server.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually("a start that waits", s.says("/-/ready", http.StatusServiceUnavailable, "is full"))
	s.eventually("that it is up", s.says("/-/healthy", http.StatusOK, "waits for room"))
	if s.paged("Full") || s.paged("Buying") {
		t.Error("a page left that could not be committed")
	}

	disk.free()
	s.eventually("that it is ready", s.says("/-/ready", http.StatusOK, "ready"))
	s.told(none)
	s.eventually("the page of the alert that was refused", func() bool { return s.paged("Full") })
	s.eventually("the page of the outage that began meanwhile", func() bool { return s.paged("Buying") })
	s.customers.Fail(false)
	s.everyRequestCounts()
	s.server.Kill()
	s.start()
	s.kept(accepted)
	s.undamaged(disk.dir)
}

// A server that starts where samples are refused takes alerts and pages, so it has started for whoever would kill it
// otherwise: Kubernetes, a container's health check, systemd. It is not ready all the same, and says why.
func TestAStartOnAFullDiskIsAStart(t *testing.T) {
	t.Parallel()
	s := newPlace(t, pagerduty.Options{Keys: []string{routingKey}})
	manager := s.managed()
	disk := onSmallDisk(s, "data")
	s.configure(fmt.Sprintf(`
data: %q
alerting:
  global: {pagerduty_url: %q, resolve_timeout: 2h}
  receivers: [{name: oncall, pagerduty_configs: [{routing_key: %s}]}]
  route: {receiver: oncall}
`, filepath.Join(s.dir, "data"), listen(t, s.stand)+pagerduty.Path, routingKey))
	disk.fill(2 * scarce) // samples leave 12.8 MiB
	if err := s.server.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually("that it has started", s.says("/-/started", http.StatusOK, "has started"))
	if status, text := s.ask("/-/ready"); status != http.StatusServiceUnavailable || !strings.Contains(text, "is full") {
		t.Errorf("whether samples are taken: %d %s", status, text)
	}
	hasAll(t, command(t, exitFine, "ready", "--started", "--server", "http://"+s.web), "has started")
	hasAll(t, command(t, exitFindings, "ready", "--server", "http://"+s.web), "is full")
	if told := heard(t, manager); told != "READY=1" {
		t.Errorf("systemd is told %s", told)
	}
	s.told(paging("Started"))
	s.eventually("a page", func() bool { return s.paged("Started") })

	disk.fill(1 << 20)
	s.server.Kill()
	if err := s.server.Start(); err != nil {
		t.Fatal(err)
	}
	s.eventually("a start that waits for room, and so pages nobody", s.says("/-/healthy", http.StatusOK, "waits for room"))
	if status, text := s.ask("/-/started"); status != http.StatusServiceUnavailable {
		t.Errorf("a start that waits is told as one that is over: %d %s", status, text)
	}
}

// kept requires that every sample that was acknowledged can be read.
func (s *story) kept(accepted []int64) {
	s.t.Helper()
	stored := s.storedTimes()
	for _, at := range accepted {
		if !stored[at] {
			s.t.Errorf("the sample of %d was acknowledged before the kill and can't be read after it", at)
		}
	}
}

// undamaged requires that SQLite finds nothing wrong with the state, and the metric store with its log.
func (s *story) undamaged(dir string) {
	s.t.Helper()
	for _, word := range []string{"corrupt", "panic", "cut off", "of no use"} {
		if strings.Contains(strings.ToLower(s.server.Output()), word) {
			s.t.Errorf("the server printed %q:\n%s", word, s.server.Output())
		}
	}
	if err := s.server.End(); err != nil {
		s.t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", filepath.Join(dir, state.FileName))
	if err != nil {
		s.t.Fatal(err)
	}
	defer db.Close()
	var sound string
	if err := db.QueryRowContext(s.t.Context(), "PRAGMA integrity_check").Scan(&sound); err != nil || sound != "ok" {
		s.t.Errorf("SQLite finds %q, %v", sound, err)
	}
}
