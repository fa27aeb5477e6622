package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"time"

	"burnline/slo"
	"burnline/slo/spec"
)

// versionsAtOnce is how many versions are written in one transaction, so that a
// thousand new SLOs don't hold up a page.
const versionsAtOnce = 100

// retryVersions is the pause after a write that failed.
const retryVersions = 30 * time.Second

// versionStore keeps the wordings of definitions for good.
type versionStore interface {
	NewestVersions(ctx context.Context) ([]slo.Version, error)
	SaveVersions(ctx context.Context, all ...slo.Version) error
}

// historian notes each wording of the definitions in force.
type historian struct {
	store  versionStore
	defs   func() []slo.Definition
	now    func() time.Time
	logger *slog.Logger
	// changed has a token when the definitions may have changed.
	changed chan struct{}
}

func newHistorian(store versionStore, defs func() []slo.Definition, logger *slog.Logger) *historian {
	h := &historian{store: store, defs: defs, now: time.Now, logger: logger, changed: make(chan struct{}, 1)}
	h.wake()
	return h
}

// wake asks for the definitions to be compared; it never blocks.
func (h *historian) wake() {
	select {
	case h.changed <- struct{}{}:
	default:
	}
}

// Run notes what changed, at the start and after each wake, until ctx ends. What can't be
// written is tried again.
func (h *historian) Run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.changed:
		}
		if err := h.note(ctx); err != nil && ctx.Err() == nil {
			h.logger.Warn("changed definitions could not be noted; it is tried again", "error", err)
			timer := time.NewTimer(retryVersions)
			select {
			case <-ctx.Done():
			case <-timer.C:
			}
			timer.Stop()
			h.wake()
		}
	}
}

// note writes a version of every definition that differs from its newest one.
func (h *historian) note(ctx context.Context) error {
	all, err := h.store.NewestVersions(ctx)
	if err != nil {
		return err
	}
	defs := h.defs()
	newest, left := known(all, defs)
	taken := map[string]bool{}
	var changed []slo.Version
	for _, d := range defs {
		old := newest[d.ID]
		if gone := left[promise(d.ID)]; old.Hash == "" && len(gone) == 1 {
			old = gone[0]
			taken[old.SLO] = true
			delete(left, promise(d.ID))
		}
		v, err := versionOf(d, old, h.now())
		if err != nil {
			return err
		}
		back := newest[d.ID].Ended
		if back {
			v.Ended, v.Since, v.Changes = false, h.now().UTC(), append([]string{"the SLO is back"}, v.Changes...)
		}
		if v.Hash != newest[d.ID].Hash || back {
			changed = append(changed, v)
		}
	}
	changed = append(changed, ended(all, defs, taken, h.now().UTC())...)
	for len(changed) > 0 {
		n := min(len(changed), versionsAtOnce)
		if err := h.store.SaveVersions(ctx, changed[:n]...); err != nil {
			return err
		}
		changed = changed[n:]
	}
	return nil
}

// ended notes the SLOs that left the configuration, unless another one takes or took their place.
func ended(newest []slo.Version, defs []slo.Definition, taken map[string]bool, now time.Time) []slo.Version {
	over := maps.Clone(taken)
	for _, d := range defs {
		over[d.ID] = true
	}
	for _, v := range newest {
		over[v.Succeeds] = true
	}
	var all []slo.Version
	for _, v := range newest {
		if over[v.SLO] || v.Ended {
			continue
		}
		v.Ended, v.Since, v.Changes, v.Lowered = true, now, []string{"the SLO was removed"}, false
		all = append(all, v)
	}
	return all
}

// known returns the newest version of each SLO, and of each promise with several
// objectives those whose objective is no longer among them and that nothing
// has succeeded yet.
func known(all []slo.Version, defs []slo.Definition) (newest map[string]slo.Version, left map[string][]slo.Version) {
	newest, left = make(map[string]slo.Version, len(all)), map[string][]slo.Version{}
	over := map[string]bool{}
	for _, d := range defs {
		over[d.ID] = true
	}
	for _, v := range all {
		newest[v.SLO] = v
		over[v.Succeeds] = true
	}
	for _, v := range all {
		if base := promise(v.SLO); base != "" && !over[v.SLO] {
			left[base] = append(left[base], v)
		}
	}
	return newest, left
}

// promise returns service/name of an ID that ends with an objective; "" of any other.
func promise(id string) string {
	i := strings.LastIndexByte(id, '/')
	if i < 0 || !strings.Contains(id[:i], "/") {
		return ""
	}
	return id[:i]
}

// versionOf returns the definition's wording with what changed since old. A
// definition that only is written otherwise keeps the old one.
func versionOf(d slo.Definition, old slo.Version, now time.Time) (slo.Version, error) {
	var text strings.Builder
	if _, err := spec.Write(&text, []slo.Definition{d}); err != nil {
		return slo.Version{}, fmt.Errorf("note the definition of %s: %w", d.ID, err)
	}
	if text.Len() == 0 { // the native form can't say it
		if err := json.NewEncoder(&text).Encode(d); err != nil {
			return slo.Version{}, fmt.Errorf("note the definition of %s: %w", d.ID, err)
		}
	}
	sum := sha256.Sum256([]byte(text.String()))
	v := slo.Version{
		SLO: d.ID, Since: now.UTC(), Hash: hex.EncodeToString(sum[:]), Objective: d.Objective, Window: d.Window.String(), Text: text.String(),
		Succeeds: old.Succeeds,
	}
	if old.SLO != d.ID {
		v.Succeeds = old.SLO
	}
	if old.Hash == "" || old.Hash == v.Hash {
		return v, nil
	}
	before, _ := spec.Parse(d.ID, []byte(old.Text))
	if len(before.Definitions) != 1 {
		v.Changes = []string{"the definition was written anew"}
		v.Lowered = v.Objective < old.Objective
		return v, nil
	}
	v.Changes, v.Lowered = slo.Changes(&before.Definitions[0], &d)
	if len(v.Changes) == 0 && old.SLO == d.ID {
		return old, nil
	}
	return v, nil
}
