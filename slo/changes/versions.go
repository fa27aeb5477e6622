package changes

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"

	"burnline/slo"
)

// Seen is a version of a service in telemetry, and when it was seen first.
type Seen struct {
	Service, Version string
	At               time.Time
	// Quiet is true where the service was not known for long enough, so that it is no
	// change: a fresh start sees every version for the first time.
	Quiet bool
}

const (
	// settledAfter is how long a service has to be known before another version of it is a
	// change: a fleet in the middle of a rollout shows several at once.
	settledAfter = 10 * time.Minute
	// mostServices and mostVersions bound what is remembered of services, and of versions
	// of each: an attribute that is another one in each process is no version.
	mostServices = 5000
	mostVersions = 200
	// mostChanges is how many versions of a service are changes within a day.
	mostChanges = 20
	// longestName bounds a service's name and a version, in bytes.
	longestName = 200
)

// versions are those that services were seen to have.
type versions struct {
	mu    sync.RWMutex
	known map[string]*service
	// fresh are those that were seen and are not kept yet.
	fresh []Seen
}

// service is what is known of one service.
type service struct {
	since    time.Time
	versions map[string]bool
	// changed are when its newest changes were.
	changed []time.Time
}

// recall takes over what was seen before.
func (v *versions) recall(all []Seen) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.known = map[string]*service{}
	for _, s := range all {
		v.remember(s)
		if !s.Quiet {
			of := v.known[s.Service]
			of.changed = append(of.changed, s.At)
		}
	}
}

// remember notes a version. The caller holds mu.
func (v *versions) remember(s Seen) {
	of := v.known[s.Service]
	if of == nil {
		of = &service{since: s.At, versions: map[string]bool{}}
		v.known[s.Service] = of
	}
	of.versions[s.Version] = true
	if s.At.Before(of.since) {
		of.since = s.At
	}
}

// Saw takes note that telemetry of a service bears a version. It is called for each batch, and
// quick where the version is known.
func (k *Keeper) Saw(name, version string) {
	v := &k.versions
	v.mu.RLock()
	of := v.known[name]
	known := of != nil && of.versions[version]
	v.mu.RUnlock()
	if known || !nameable(name) || !nameable(version) {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.known == nil {
		v.known = map[string]*service{}
	}
	of = v.known[name]
	switch {
	case of == nil && len(v.known) >= mostServices, of != nil && len(of.versions) >= mostVersions:
		k.ignored.Inc()
		return
	case of != nil && of.versions[version]:
		return
	}
	now := k.o.Now().UTC()
	s := Seen{Service: name, Version: version, At: now, Quiet: of == nil || now.Sub(of.since) < settledAfter || of.busy(now)}
	v.remember(s)
	if !s.Quiet {
		of.changed = append(of.changed, now)
	}
	v.fresh = append(v.fresh, s)
}

// nameable reports whether a text may name a service or a version.
func nameable(text string) bool {
	return text != "" && len(text) <= longestName && utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// busy reports whether a service has so many changes in a day that they are none.
func (s *service) busy(now time.Time) bool {
	for len(s.changed) > 0 && now.Sub(s.changed[0]) > 24*time.Hour {
		s.changed = s.changed[1:]
	}
	return len(s.changed) >= mostChanges
}

// noteVersions keeps what was seen, and the changes among it. What can't be kept is tried
// again.
func (k *Keeper) noteVersions(ctx context.Context) error {
	v := &k.versions
	v.mu.Lock()
	fresh := v.fresh
	v.fresh = nil
	v.mu.Unlock()
	if len(fresh) == 0 {
		return nil
	}
	if err := k.noteSome(ctx, fresh); err != nil {
		v.mu.Lock()
		v.fresh = append(fresh, v.fresh...)
		v.mu.Unlock()
		return fmt.Errorf("keep which versions were seen: %w", err)
	}
	return nil
}

// noteSome keeps changes before the versions that they rest on: a crash in between tells them
// again under the same ID. Another node that saw the version first knows whether it is one.
func (k *Keeper) noteSome(ctx context.Context, fresh []Seen) error {
	known, err := k.o.Store.SeenVersions(ctx)
	if err != nil {
		return err
	}
	has := map[[2]string]bool{}
	for _, s := range known {
		has[[2]string{s.Service, s.Version}] = true
	}
	for _, s := range fresh {
		if s.Quiet || has[[2]string{s.Service, s.Version}] {
			continue
		}
		if _, _, err := k.keep(ctx, s.change()); err != nil {
			return err
		}
	}
	return k.o.Store.SaveSeen(ctx, fresh)
}

// change is the change that a new version is.
func (s Seen) change() slo.ChangeEvent {
	return slo.ChangeEvent{
		ID: "version:" + s.Service + ":" + s.Version, Kind: slo.ChangeVersion, At: s.At, Service: s.Service,
		Title: s.Service + " " + s.Version, Version: s.Version, By: "telemetry", Source: "telemetry",
	}
}
