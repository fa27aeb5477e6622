package alertconf

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Heartbeat is a message that is sent again and again to somebody who notices when it stays away.
type Heartbeat struct {
	// Receiver is who gets it; "" is nobody.
	Receiver string `yaml:"receiver"`
	// Every is how often.
	Every time.Duration `yaml:"every"`
}

// The distances between heartbeats.
const (
	defaultBeat  = time.Minute
	shortestBeat = 10 * time.Second
	longestBeat  = 24 * time.Hour
)

// beats are the kinds of integrations that may take heartbeats. The others tell people of
// what they get.
func beats() []string { return []string{"webhook", "email"} }

// check returns what is wrong with the heartbeat.
func (h *Heartbeat) check(f *File) []slo.Finding {
	if h.Receiver == "" {
		return nil
	}
	var findings []slo.Finding
	wrong := func(path, message, instead string) {
		findings = append(findings, slo.Finding{Path: key + ".heartbeat." + path, Level: slo.LevelError, Message: message, Instead: instead})
	}
	if h.Every < shortestBeat || h.Every > longestBeat {
		wrong("every", slo.FormatDuration(h.Every)+" can't be the distance of heartbeats", "write 10s to 1d, such as 1m")
	}
	i := slices.IndexFunc(f.Receivers, func(r Receiver) bool { return r.Name == h.Receiver })
	if i < 0 {
		wrong("receiver", fmt.Sprintf("there is no receiver %q", h.Receiver), "write the name of one under receivers, with webhook_configs or email_configs")
		return findings
	}
	taking := false
	for _, k := range kinds() {
		if k.count(&f.Receivers[i]) == 0 {
			continue
		}
		taking = true
		if !takesBeats(k.name + "/") {
			wrong("receiver", fmt.Sprintf("%s of %s tells people of whatever comes, and of nothing that stays away", k.key, h.Receiver),
				"name a receiver that has only webhook_configs or email_configs, such as the address of a dead man's switch")
		}
	}
	if !taking {
		wrong("receiver", h.Receiver+" has no integrations", "give it webhook_configs with the address of a dead man's switch")
	}
	return findings
}

// takesBeats reports whether an integration may take heartbeats, by its name.
func takesBeats(integration string) bool {
	kind, _, _ := strings.Cut(integration, "/")
	return slices.Contains(beats(), kind)
}

// Beats are the integrations that get heartbeats by a built configuration.
func (h Heartbeat) Beats(c alerting.Config) alerting.Heartbeat {
	beat := alerting.Heartbeat{Every: h.Every}
	for _, r := range c.Receivers {
		for _, in := range r.Integrations {
			if h.Receiver != "" && r.Name == h.Receiver && takesBeats(in.Name) {
				beat.Targets = append(beat.Targets, alerting.Target{Receiver: r.Name, Integration: in.Name})
			}
		}
	}
	return beat
}
