package app

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"burnline/internal/datadir"
	"burnline/slo"
	"burnline/web"
)

const (
	// freshDiagnosis is for how long a diagnosis is given to whoever asks: it connects to receivers.
	freshDiagnosis = time.Second
	// longestDiagnosis bounds all of it.
	longestDiagnosis = 25 * time.Second
)

// doctor says of a running server what arrives, what was refused, and whether a page would reach somebody. It
// changes nothing, and nothing that it does reaches a person.
type doctor struct {
	parts  *parts
	places *places

	// turn is held by who looks, and guards what it found last and when.
	turn chan struct{}
	at   time.Time
	last []web.Diagnosed
}

func newDoctor(p *parts) *doctor {
	return &doctor{parts: p, places: newPlaces(patientFor), turn: make(chan struct{}, 1)}
}

// look returns a diagnosis that is at most a few seconds old. Who asks waits for another one who does, while ctx lasts.
func (d *doctor) look(ctx context.Context) []web.Diagnosed {
	ctx, cancel := context.WithTimeout(ctx, longestDiagnosis)
	defer cancel()
	select {
	case d.turn <- struct{}{}:
	case <-ctx.Done():
		return []web.Diagnosed{{Topic: "server", Level: web.DiagnosisProblem, Subject: "doctor", Message: "another look at this server does not end", Remedy: "ask again in a moment"}}
	}
	defer func() { <-d.turn }()
	if time.Since(d.at) < freshDiagnosis {
		return d.last
	}
	x := &examination{parts: d.parts, places: d.places, health: d.parts.Health(ctx)}
	x.arrives(ctx)
	x.slos(ctx)
	x.refused()
	x.receivers(ctx)
	x.skewed(x.senders)
	x.secrets(ctx)
	x.routes()
	x.watch()
	x.access(ctx)
	x.tokens(ctx)
	x.keeps()
	for _, dir := range x.folders() {
		x.disk(ctx, dir)
	}
	x.server()
	if ctx.Err() == nil { // one that was broken off is nobody's but who broke it off
		d.at, d.last = time.Now(), x.found
	}
	return x.found
}

// examination gathers what one look finds.
type examination struct {
	parts  *parts
	places *places
	health web.Health
	found  []web.Diagnosed
	// senders are who sent of late, by job; nil where they are too many.
	senders map[string]*sender
	// unread are files of tokens that were told of already.
	unread []string
	// compared is how many SLOs that have data were compared with what is stored.
	compared int
}

func (x *examination) add(topic string, level web.DiagnosisLevel, subject, remedy, format string, args ...any) {
	x.found = append(x.found, web.Diagnosed{Topic: topic, Level: level, Subject: subject, Message: fmt.Sprintf(format, args...), Remedy: remedy})
}

// refused says what was turned away since the start, and tells clocks that are ahead by it.
func (x *examination) refused() {
	before := len(x.found)
	x.turnedAway()
	for _, r := range x.health.Refused {
		if r.Reason == plainReason("unauthorized") && len(x.found) > before {
			continue // it is told with the reason
		}
		level, remedy := web.DiagnosisWarning, "look at what its sender logs: the answer says which"
		if r.Reason == noRoom {
			remedy = "free space; who pushes sends again, what was scraped meanwhile is lost"
		}
		if r.Reason == plainReason("future") {
			remedy = "a sender's clock is ahead; have it set by NTP"
		}
		x.add("refused", level, r.Reason, remedy, "%.0f refused since %s", r.Count, x.health.Started.UTC().Format("2006-01-02 15:04 MST"))
	}
	if len(x.found) == before {
		x.add("refused", web.DiagnosisOK, "", "", "nothing was refused since %s", x.health.Started.UTC().Format("2006-01-02 15:04 MST"))
	}
	if set := x.parts.refused.Load(); set != nil {
		x.add("refused", web.DiagnosisProblem, "configuration", "mend it; burnline check says where. It is tried again when a file that it names changes and every "+retryRefused.String()+", and at once by SIGHUP or POST /-/reload", "the reload at %s was refused, and what was in force before still is: %s",
			set.at.UTC().Format("15:04 MST"), brief(set))
	}
}

// watch says whether somebody would miss Burnline, and whether pages are tried.
func (x *examination) watch() {
	if beats := x.parts.heartbeat(); len(beats.Targets) == 0 {
		x.add("watch", web.DiagnosisWarning, "heartbeat", "write alerting.heartbeat, so that a service elsewhere pages when Burnline falls silent",
			"there is none: nobody would miss this server")
	}
	if x.parts.drillPlan().Schedule.String() == "" {
		x.add("watch", web.DiagnosisWarning, "drill", "write alerting.drill, or run burnline doctor --page now and then", "none is scheduled: that pages arrive is not tried")
	}
	for _, c := range x.health.Components {
		switch {
		case c.Name != "heartbeat" && c.Name != "drill":
		case c.State == web.ComponentOK:
			x.add("watch", web.DiagnosisOK, c.Name, "", "%s", fine(c.Reason))
		default:
			x.add("watch", web.DiagnosisProblem, c.Name, "see docs/paging.md", "%s", c.Reason)
		}
	}
}

// fine is a reason that may be missing.
func fine(reason string) string {
	if reason == "" {
		return "it works"
	}
	return reason
}

// folders are those on whose disks something is written.
func (x *examination) folders() []string {
	all := []string{x.parts.set.Load().Config.Data}
	if to := x.parts.backups.config().To; to != "" {
		all = append(all, to)
	}
	return all
}

// disk says how much room there is where a folder lies.
func (x *examination) disk(ctx context.Context, dir string) {
	room, err := answer(ctx, x.places, dir, func() (datadir.Room, error) { return x.parts.disk.look(dir) })
	if err != nil {
		x.add("disk", web.DiagnosisProblem, dir, "look whether the folder is there, and its disk answers", "%s", err)
		return
	}
	said := fmt.Sprintf("%s of %s are free", mebibytes(room.Free), mebibytes(room.Size))
	var full error
	more, remedy := int64(0), "free space, or lower backup.keep"
	if dir == x.parts.disk.dir {
		for _, s := range x.health.Stores {
			if s.Limit > 0 {
				said += fmt.Sprintf("; %s may take %s", s.Name, mebibytes(s.Limit))
			}
		}
		full, more, remedy = x.parts.disk.traces(), growth(x.health.Stores), "free space, or lower metrics.max_size and traces.max_size"
	}
	switch {
	case full != nil:
		x.add("disk", web.DiagnosisProblem, dir, remedy, "%s", full)
	case room.Free < room.Size/10:
		x.add("disk", web.DiagnosisWarning, dir, remedy, "%s", said)
	case more > room.Free-2*kept(room.Size):
		x.add("disk", web.DiagnosisWarning, dir, remedy,
			"%s, and may still grow by %s: samples are refused before the oldest go, because something else fills this disk too", said, mebibytes(more))
	default:
		x.add("disk", web.DiagnosisOK, dir, "", "%s", said)
	}
}

// growth is by how much stores may still grow up to their limits, in bytes; what has no limit is left out.
func growth(stores []web.Storage) int64 {
	var more int64
	for _, s := range stores {
		if s.Limit > 0 && s.Bytes != nil {
			more += max(0, s.Limit-*s.Bytes)
		}
	}
	return more
}

// server says how the parts fare, and whether people can follow the links of pages.
func (x *examination) server() {
	for _, c := range x.health.Components {
		switch {
		case c.Name == "heartbeat" || c.Name == "drill":
		case c.Name == configurationPart && x.parts.refused.Load() != nil: // told under "refused"
		case c.State == web.ComponentOK:
			x.add("server", web.DiagnosisOK, c.Name, "", "%s", fine(c.Reason))
		case c.State == web.ComponentStarting:
			x.add("server", web.DiagnosisWarning, c.Name, "ask again in a moment", "%s", c.Reason)
		default:
			x.add("server", web.DiagnosisProblem, c.Name, "docs/web.md says what the System page shows of it", "%s", c.Reason)
		}
	}
	if keys := x.health.Waiting; len(keys) > 0 {
		x.add("server", web.DiagnosisWarning, "configuration", "restart Burnline", "changed and in force only after a restart: %s", strings.Join(keys, ", "))
	}
	if kept := x.health.Checkpoints; kept.Failed > 0 {
		x.add("server", web.DiagnosisWarning, "checkpoints", "look at the log, and at the room on the disk", "%.0f could not be written: the next start counts from stored samples and takes longer", kept.Failed)
	}
	x.links()
}

// links says whether the links of pages lead anywhere from where people are.
func (x *examination) links() {
	set := x.parts.set.Load()
	address := x.parts.externalURL()
	u, err := url.Parse(address)
	if err != nil {
		return
	}
	host := u.Hostname()
	ip := net.ParseIP(host)
	here := host == "localhost" || ip != nil && (ip.IsLoopback() || ip.IsUnspecified())
	switch {
	case here && slices.ContainsFunc(set.Definitions, func(d slo.Definition) bool { return pages(&d) }) && len(set.senders) > 0:
		x.add("server", web.DiagnosisWarning, "server.external_url", "write server.external_url: https://… with the address by which people reach this server",
			"pages link to %s, which opens on this machine only", address)
	default:
		x.add("server", web.DiagnosisOK, "server.external_url", "", "pages link to %s", address)
	}
}

// pages reports whether an SLO can page.
func pages(d *slo.Definition) bool {
	return slices.ContainsFunc(d.Policies, func(p slo.Policy) bool { return p.Severity == slo.Page })
}
