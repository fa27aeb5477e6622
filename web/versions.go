package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"burnline/slo"
)

// Versions keeps the wordings of definitions for good.
type Versions interface {
	// Versions returns all wordings of one SLO, the oldest first; none when the ID was never
	// in force.
	Versions(ctx context.Context, id string) ([]slo.Version, error)
}

// versionMark is a change of the definition on the charts.
type versionMark struct {
	T       int64    `json:"t"`
	Number  int      `json:"number"`
	Changes []string `json:"changes"`
	Lowered bool     `json:"lowered"`
}

// versionsOf reads an SLO's wordings with a limit on the time that a page may wait.
func (s *server) versionsOf(ctx context.Context, id string) ([]slo.Version, error) {
	if s.Versions == nil {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readTimeout)
	defer cancel()
	return s.Versions.Versions(ctx, id)
}

// marksOf are the changes in (from, to]. The first wording changed nothing, unless it
// took another SLO's place.
func marksOf(versions []slo.Version, from, to time.Time) []versionMark {
	marks := []versionMark{}
	for _, v := range versions {
		if (v.Number > 1 || v.Succeeds != "") && v.Since.After(from) && !v.Since.After(to) {
			marks = append(marks, versionMark{v.Since.Unix(), v.Number, append([]string{}, v.Changes...), v.Lowered})
		}
	}
	return marks
}

// apiVersions lists the wordings of one SLO, the oldest first, also of one that is no longer
// loaded.
func (s *server) apiVersions(c *gin.Context, id string) {
	all, err := s.versionsOf(c.Request.Context(), id)
	switch {
	case err != nil:
		s.fail(c, http.StatusServiceUnavailable, "Versions can't be read at the moment.", err.Error())
	case len(all) == 0 && s.definition(id) == nil:
		s.fail(c, http.StatusNotFound, "No SLO has or had this ID.", id)
	default:
		for i := range all {
			all[i].Changes = append([]string{}, all[i].Changes...)
		}
		c.JSON(http.StatusOK, versionsJSON{append([]slo.Version{}, all...)})
	}
}

// history is how a promise changed.
type history struct {
	// Versions are all wordings, the newest first.
	Versions []slo.Version
	// Lowered says how the promise was last lowered; nil where it never was.
	Lowered *lowering
	// Error says that the wordings can't be read.
	Error string
}

// lowering is a promise that became weaker.
type lowering struct {
	At time.Time
	// Text says from what, in a few words.
	Text string
}

// historyOf turns wordings, the oldest first, round for readers.
func historyOf(versions []slo.Version) history {
	h := history{Versions: slices.Clone(versions)}
	slices.Reverse(h.Versions)
	for i := len(versions) - 1; i >= 0 && h.Lowered == nil; i-- {
		v := versions[i]
		if !v.Lowered {
			continue
		}
		h.Lowered = &lowering{At: v.Since, Text: "promises less"}
		before := succeeded(v)
		if i > 0 {
			before = versions[i-1].Objective
		}
		if v.Objective >= before {
			continue // the threshold or the target
		}
		h.Lowered.Text = "lowered from " + objectiveText(before)
		if now := versions[len(versions)-1].Objective; now != v.Objective {
			h.Lowered.Text += " to " + objectiveText(v.Objective)
		}
	}
	return h
}

// succeeded is the objective of the SLO whose place a first wording took, at which its
// ID ends; 0 where there is none.
func succeeded(v slo.Version) float64 {
	o, err := strconv.ParseFloat(v.Succeeds[strings.LastIndexByte(v.Succeeds, '/')+1:], 64)
	if err != nil {
		return 0
	}
	return o
}

// objectiveText writes an objective with its unit.
func objectiveText(o float64) string { return trimmed(o, 6) + nbsp + "%" }

// ChangesText joins what changed into a sentence.
func (history) ChangesText(v slo.Version) string {
	if len(v.Changes) == 0 {
		return "The first version that Burnline saw."
	}
	return capital(strings.Join(v.Changes, "; ")) + "."
}

// ObjectiveText is the objective of a version.
func (history) ObjectiveText(v slo.Version) string { return objectiveText(v.Objective) }
