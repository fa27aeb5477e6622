package app

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"burnline/alerting"
	"burnline/alerting/post"
	"burnline/internal/alertconf"
	"burnline/slo"
	"burnline/web"
)

const (
	// mostAtOnce bounds how many receivers are connected to at once, and longestReach each.
	mostAtOnce   = 8
	longestReach = 8 * time.Second
	// skewed is how far a clock may be off before it is told of, and adrift when it makes data useless.
	skewed = 5 * time.Second
	adrift = 2 * time.Minute
)

// reach is what came of connecting to one integration.
type reach struct {
	target  alertconf.Target
	reached []post.Reached
	// answer is what the sender said; where it never got to connect, why.
	answer string
}

// receivers connects to every integration as a page would, without sending one.
func (x *examination) receivers(ctx context.Context) {
	set := x.parts.set.Load()
	if x.parts.shadow().Covers("") {
		x.add("receivers", web.DiagnosisWarning, "shadow mode", "docs/shadow.md says how to go live", "nothing is sent to anybody: it is only recorded what would be")
	}
	if len(set.senders) == 0 {
		x.add("receivers", web.DiagnosisProblem, "", "write alerting: {receivers: …, route: …} in the configuration (docs/receivers.md)", "there is no receiver: a page reaches nobody")
		return
	}
	var skews []post.Reached
	for _, r := range tryAll(ctx, set.senders) {
		name := r.target.Receiver + " " + r.target.Integration
		if len(r.reached) == 0 {
			x.add("receivers", web.DiagnosisProblem, name, "see whether the file that holds its key or password is there and can be read by this process", "no page can be made: %s", r.answer)
			continue
		}
		for _, one := range r.reached {
			if one.Error != "" {
				x.add("receivers", web.DiagnosisProblem, name, "see whether name, port, certificate and proxy are right, and whether a firewall lets this machine out", "%s does not answer: %s", one.Address, one.Error)
				continue
			}
			x.add("receivers", web.DiagnosisOK, name, "", "%s answers, and what signs in to it can be read", one.Address)
			if one.Dated {
				skews = append(skews, one)
			}
		}
	}
	x.clock(skews)
}

// clock compares this machine's clock with those of the receivers that sent their time.
func (x *examination) clock(dated []post.Reached) {
	if len(dated) == 0 {
		x.add("clock", web.DiagnosisWarning, "", "see whether this machine's clock is set by NTP", "no receiver tells the time, so the clock can't be compared")
		return
	}
	slices.SortFunc(dated, func(a, b post.Reached) int { return cmp.Compare(a.Skew.Abs(), b.Skew.Abs()) })
	// The nearest clock: a receiver may be wrong itself, and two that agree with us are not.
	near := dated[0]
	said := fmt.Sprintf("it is %s %s that of %s", near.Skew.Abs().Round(time.Second), ahead(near.Skew), near.Address)
	switch {
	case near.Skew.Abs() >= adrift:
		x.add("clock", web.DiagnosisProblem, "this machine", "have it set by NTP: samples are judged by their time", "%s", said)
	case near.Skew.Abs() >= skewed:
		x.add("clock", web.DiagnosisWarning, "this machine", "have it set by NTP", "%s", said)
	default:
		x.add("clock", web.DiagnosisOK, "this machine", "", "it agrees with that of %s", near.Address)
	}
}

// ahead words the sign of a skew, which is positive where the other clock is ahead.
func ahead(skew time.Duration) string {
	if skew > 0 {
		return "behind"
	}
	return "ahead of"
}

// tryAll connects to all integrations, some at once, and returns them in order.
func tryAll(ctx context.Context, senders map[alertconf.Target]alerting.Sender) []reach {
	targets := make([]alertconf.Target, 0, len(senders))
	for t := range senders {
		targets = append(targets, t)
	}
	slices.SortFunc(targets, func(a, b alertconf.Target) int {
		return cmp.Or(strings.Compare(a.Receiver, b.Receiver), strings.Compare(a.Integration, b.Integration))
	})
	all := make([]reach, len(targets))
	turns := make(chan struct{}, mostAtOnce)
	var wg sync.WaitGroup
	for i, t := range targets {
		wg.Go(func() {
			turns <- struct{}{}
			defer func() { <-turns }()
			all[i] = try(ctx, t, senders[t])
		})
	}
	wg.Wait()
	return all
}

// try has a sender make a message as of a page and connect.
func try(ctx context.Context, t alertconf.Target, sender alerting.Sender) reach {
	ctx, cancel := context.WithTimeout(ctx, longestReach)
	defer cancel()
	probe := &post.Probe{}
	now := time.Now()
	result := sender.Send(post.Probing(ctx, probe), alerting.Row{
		Key: "doctor", Receiver: t.Receiver, Integration: t.Integration, Seq: 1, Action: alerting.ActionTrigger, CreatedAt: now,
		Message: alerting.Message{Summary: "Burnline looks whether this can be reached.", Severity: slo.Page, Source: "burnline", Component: "doctor", Time: now, AsOf: now,
			Labels: slo.NewLabels("alertname", "doctor", "service", "burnline", "severity", "page")},
	})
	return reach{target: t, reached: probe.All(), answer: result.Answer}
}

// routes says which SLOs' pages lead to nobody.
func (x *examination) routes() {
	set := x.parts.set.Load()
	c := &set.alerting
	integrations := map[string]int{}
	for _, r := range c.Receivers {
		integrations[r.Name] = len(r.Integrations)
	}
	told := map[string]int{}
	paging := 0
	for i := range set.Definitions {
		d := &set.Definitions[i]
		if !pages(d) {
			continue
		}
		paging++
		var to, empty, muted []string
		for _, w := range c.Ways(alerting.Labels(slo.Incident{SLO: d.ID, Team: d.Team, Severity: slo.Page, Cause: slo.CauseBurn}, d), x.health.At) {
			switch {
			case integrations[w.Receiver] == 0:
				empty = append(empty, w.Receiver)
			case w.Muted.Fate != "":
				muted = append(muted, w.Muted.By)
			default:
				to = append(to, w.Receiver)
			}
		}
		switch {
		case len(to) > 0:
			told[strings.Join(to, ", ")]++
		case len(muted) > 0:
			x.add("routes", web.DiagnosisWarning, d.ID, "burnline route test slo="+d.ID+" severity=page shows the way", "its page is muted now, by %s", strings.Join(muted, ", "))
		case len(integrations) > 0:
			x.add("routes", web.DiagnosisProblem, d.ID, "have a route lead it to a receiver with an integration; burnline route test severity=page team="+d.Team+" shows the way",
				"its page goes nowhere: %s", nowhere(empty))
		}
	}
	for _, to := range slices.Sorted(maps.Keys(told)) {
		x.add("routes", web.DiagnosisOK, to, "", "gets the pages of %s", several(float64(told[to]), "SLO"))
	}
	if paging == 0 && len(set.Definitions) > 0 {
		x.add("routes", web.DiagnosisWarning, "", "give one policies of severity page", "no SLO pages")
	}
	for _, name := range unused(set) {
		x.add("routes", web.DiagnosisWarning, name, "have a route lead to it, or remove it", "no route leads to this receiver")
	}
}

// nowhere says why a page ends.
func nowhere(receivers []string) string {
	receivers = slices.DeleteFunc(receivers, func(r string) bool { return r == "" })
	if len(receivers) == 0 {
		return "no route takes it"
	}
	return "the receiver " + strings.Join(receivers, ", ") + " has no integration"
}

// unused are receivers that nothing names: no route, team, fallback, drill, heartbeat or report.
func unused(set *settings) []string {
	c := &set.alerting
	named := map[string]bool{set.Config.Alerting.Drill.Plan().Receiver: true}
	for _, t := range set.Config.Alerting.Heartbeat.Beats(set.alerting).Targets {
		named[t.Receiver] = true
	}
	for _, s := range set.Config.Reports.Schedule {
		named[s.To] = true
	}
	var walk func(r *alerting.Route)
	walk = func(r *alerting.Route) {
		named[r.Receiver] = true
		for _, e := range r.Escalate {
			named[e.Receiver] = true
		}
		for i := range r.Routes {
			walk(&r.Routes[i])
		}
	}
	walk(&c.Route)
	for _, to := range c.Teams {
		named[to] = true
	}
	for _, r := range c.Receivers {
		named[r.Fallback] = true
	}
	var all []string
	for _, r := range c.Receivers {
		if !named[r.Name] && len(r.Integrations) > 0 {
			all = append(all, r.Name)
		}
	}
	return all
}
