package spec

import (
	"fmt"
	"math"
	"net/url"
	"time"

	"burnline/slo"
)

// shortest is the shortest window that default policies may have: samples
// arrive every 5 seconds at best.
const shortest = 5 * time.Second

// policies completes and checks the policies of a definition whose window and
// objective are known.
func (r *reader) policies(in []policy, d *slo.Definition) []slo.Policy {
	const path = "spec.alerting.policies"
	if in != nil && len(in) == 0 && !r.unread(path) {
		r.warn(path, "without a policy nobody is ever told", "remove the key for the default policies")
		return nil
	}
	var written []slo.Policy
	for i, p := range in {
		written = append(written, r.policy(fmt.Sprintf("%s[%d]", path, i), p, d.Window))
	}
	if r.unread("spec.window") || r.unread("spec.objective") || r.unread("spec.objectives") || r.unread(path) {
		return nil
	}
	resolved, findings := slo.Resolve(written, d.Window.Nominal(), d.Budget())
	for _, f := range findings {
		at := r.doc.Finding("spec."+f.Path, f.Message, f.Instead)
		at.Level = f.Level
		r.add(at)
	}
	if len(in) == 0 && resolved[0].Short < shortest {
		r.wrong("spec.window", fmt.Sprintf("in a window of %s the default policies would look at %s, which is shorter than samples come",
			d.Window.Name(), slo.FormatDuration(resolved[0].Short)),
			"write a window of at least 12h, or alerting.policies of your own")
	}
	return resolved
}

func (r *reader) policy(path string, in policy, window slo.Window) slo.Policy {
	p := slo.Policy{
		Severity: slo.Severity(in.Severity), Long: in.Long, Short: in.Short,
		Share: float64(in.Budget), Factor: in.Factor,
	}
	if p.Severity != slo.Page && p.Severity != slo.Ticket && !r.unread(path+".severity") {
		r.wrong(path+".severity", fmt.Sprintf("%q is no severity", in.Severity), "write page or ticket")
	}
	r.policyWindows(path, p, window)
	switch {
	case r.unread(path+".budget") || r.unread(path+".factor"):
	case p.Share > 0 && p.Factor != 0:
		r.wrong(path, "both budget and factor are given", "keep one; the other follows from it")
	case p.Share == 0 && p.Factor == 0:
		r.wrong(path, "neither budget nor factor is given", "write budget: 2% (spent within the long window), or a burn rate as factor: 14.4")
	case p.Factor < 0 || p.Factor > 1e9 || math.IsNaN(p.Factor):
		r.wrong(path+".factor", fmt.Sprintf("%g is no burn rate", p.Factor), "write one of at least 1, such as 14.4")
	}
	return p
}

func (r *reader) policyWindows(path string, p slo.Policy, window slo.Window) {
	long, short := slo.FormatDuration(p.Long), slo.FormatDuration(p.Short)
	switch {
	case r.unread(path + ".long"):
	case p.Long <= 0:
		r.wrong(path+".long", "the long window is missing", "write one such as 1h")
	case p.Long > window.Nominal() && !r.unread("spec.window"):
		r.wrong(path+".long", fmt.Sprintf("%s is longer than the SLO's window of %s", long, window.Name()), "write a shorter one")
	}
	switch {
	case r.unread(path + ".short"):
	case p.Short < time.Second:
		r.wrong(path+".short", "the short window is missing or below a second", "write a twelfth of the long one, such as 5m for 1h")
	case p.Short >= p.Long && p.Long > 0:
		twelfth := max(time.Second, (p.Long / 12).Round(time.Second))
		r.wrong(path+".short", fmt.Sprintf("%s is not shorter than the long window of %s", short, long),
			"write a twelfth of it, "+slo.FormatDuration(twelfth))
	}
}

// alerting checks what stands beside the policies.
func (r *reader) alerting(d *slo.Definition) {
	const path = "spec.alerting"
	if d.ResolveAfter <= 0 && !r.unread(path+".resolve_after") {
		r.wrong(path+".resolve_after", "an incident needs time to prove its recovery", "write at least 1s; the default is 5m")
	}
	if !(d.MinBad >= 1 && d.MinBad <= 1e9) && !r.unread(path+".min_bad") {
		r.wrong(path+".min_bad", fmt.Sprintf("%g is no number of bad events", d.MinBad), "write at least 1; the default is 2")
	}
	runbook, given := d.Annotations["runbook"]
	if u, err := url.Parse(runbook); given && (err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "") {
		r.wrong(path+".annotations.runbook", fmt.Sprintf("%q is no web address", runbook), "write one that begins with https://")
	}
}
