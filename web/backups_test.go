package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/alerting/drills"
)

// someBackups send a text, or fail.
type someBackups struct{ fail, broken bool }

func (b someBackups) Send(_ context.Context, traces bool, begin func() io.Writer) error {
	if b.fail {
		return errors.New("the disk is full")
	}
	text := "a backup"
	if traces {
		text += " with traces"
	}
	if _, err := io.WriteString(begin(), text); err != nil || b.broken {
		return errors.New("the disk is gone")
	}
	return nil
}

func (someBackups) Made() Drills {
	return someDrills{{ID: "backup 1", Kind: drills.Backup, Due: noon, Began: noon, Ended: noon.Add(time.Second)}}
}

func (someBackups) Tried() Drills { return someDrills{} }

func (someBackups) Copied() time.Time { return noon }

func TestABackupIsSentListedAndTried(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) { o.Backups = someBackups{} })
	if status, body := get(t, srv.URL+"/api/v1/backups"); status != http.StatusOK || !strings.Contains(body, `"result":"passed"`) || !strings.Contains(body, `"restore_drills":[]`) || !strings.Contains(body, `"state_copied":`) {
		t.Errorf("status %d: %s", status, body)
	}
	if status, body := ask(t, "POST", srv.URL+"/api/v1/backups/send?traces=true", ""); status != http.StatusOK || body != "a backup with traces" {
		t.Errorf("status %d: %s", status, body)
	}
	for _, path := range []string{"/-/backup", "/-/backup/drill"} {
		if _, body := ask(t, "POST", srv.URL+path, ""); !strings.Contains(body, `"done":true`) {
			t.Errorf("%s answers %s", path, body)
		}
	}
}

func TestABackupThatFailsIsNotTakenForOne(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) { o.Backups = someBackups{fail: true} })
	if status, body := ask(t, "POST", srv.URL+"/api/v1/backups/send", ""); status != http.StatusServiceUnavailable || !strings.Contains(body, "the disk is full") {
		t.Errorf("status %d: %s", status, body)
	}
	srv = serve(t, newShop(noon), func(o *Options) { o.Backups = someBackups{broken: true} })
	resp, err := http.Post(srv.URL+"/api/v1/backups/send", "", nil)
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("an answer that broke off looks whole")
	}
}
