package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"
)

// Backups makes backups of the running server, and knows of those that were.
type Backups interface {
	// Send makes a backup and writes it as tar to what begin returns, which is called once the backup is
	// made: an error before that is answered, one after it breaks the answer off.
	Send(ctx context.Context, traces bool, begin func() io.Writer) error
	// Made and Tried are the backups in the server's own folder, and the drills of restoring them.
	Made() Drills
	Tried() Drills
	// Copied is as of when the copy of the state that is kept as it is written has everything; zero where
	// there is none.
	Copied() time.Time
}

// asTar is the media type of a backup.
const asTar = "application/x-tar"

// backupsJSON are the newest backups and drills of restoring, the newest first.
type backupsJSON struct {
	Backups       []drillJSON `json:"backups"`
	RestoreDrills []drillJSON `json:"restore_drills"`
	// StateCopied is the moment up to which the state was copied as it was written; left out where it is not.
	StateCopied time.Time `json:"state_copied,omitzero"`
}

func (s *server) apiBackups(c *gin.Context) {
	out := backupsJSON{Backups: drillsOf(s.Backups.Made()), RestoreDrills: drillsOf(s.Backups.Tried()), StateCopied: s.Backups.Copied()}
	c.JSON(http.StatusOK, out)
}

// backupTime bounds the answer with a backup, or about one.
const backupTime = 6 * time.Hour

// sendBackup answers with a new backup.
func (s *server) sendBackup(c *gin.Context) {
	lasting(c, backupTime)
	begun := false
	err := s.Backups.Send(c.Request.Context(), c.Query("traces") == "true", func() io.Writer {
		begun = true
		c.Header("Content-Type", asTar)
		c.Status(http.StatusOK)
		return c.Writer
	})
	switch {
	case err != nil && begun:
		s.Logger.Warn("a backup could not be sent to its end", "error", err)
		lasting(c, -time.Second) // its end is never sent, so that its client does not take it for whole
	case err != nil:
		s.fail(c, http.StatusServiceUnavailable, "No backup could be made.", err.Error())
	}
}

// backupRoutes make, send, try and list backups; none where there are none.
func (s *server) backupRoutes() []route {
	if s.Backups == nil {
		return nil
	}
	also := map[int]string{http.StatusOK: "Its steps, and in the last line how it ended"}
	return []route{
		api(http.MethodGet, "/api/v1/backups", toShow, s.apiBackups, operation{summary: "The newest backups and drills of restoring with their steps, and the next that are scheduled; the newest first", answer: backupsJSON{}}),
		api(http.MethodPost, "/api/v1/backups/send", toRule, s.sendBackup, operation{summary: "Make a backup and send it as tar; secrets are not in it",
			query: map[string]string{"traces": "for one with traces"}, kinds: params{"traces": yesNo()}, answer: "", media: asTar,
			also: map[int]string{http.StatusServiceUnavailable: "No backup could be made"}}).does("take a backup", nil),
		api(http.MethodPost, "/-/backup", toRule, s.ran(func() Drills { return s.Backups.Made() }), operation{summary: "Make a backup in the server's own folder. A line of JSON a step, while it goes on",
			answer: DrillLine{}, media: asLines, also: also}).does("make a backup", nil),
		api(http.MethodPost, "/-/backup/drill", toRule, s.ran(func() Drills { return s.Backups.Tried() }), operation{summary: "Restore the newest backup apart and compare it with what was backed up. A line of JSON a step, while it goes on",
			answer: DrillLine{}, media: asLines, also: also}).does("try a backup", nil),
	}
}
