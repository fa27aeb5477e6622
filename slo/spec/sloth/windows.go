package sloth

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"burnline/slo"
)

// periodWindows are the policies of an AlertWindows document, for SLOs of its period.
type periodWindows struct {
	reader   *reader // nil for Sloth's own
	period   time.Duration
	policies []slo.Policy // nil for the defaults, which are Sloth's
	refused  bool
}

// windows reads an AlertWindows document.
func (r *reader) windows() *periodWindows {
	var in alertWindows
	r.Findings = append(r.Findings, r.Doc.DecodeForeign(&in, nil)...)
	if v := r.Doc.Text("apiVersion"); v != resourceVersion {
		r.Wrong("apiVersion", fmt.Sprintf("%q is no version of Sloth's alert windows", v), "write apiVersion: "+resourceVersion)
	}
	w := &periodWindows{reader: r, period: in.Spec.SLOPeriod}
	if w.period < time.Minute {
		r.Wrong("spec.sloPeriod", "the period of the SLOs is missing or below a minute", "write one such as 30d")
	}
	for _, part := range []struct {
		path     string
		severity slo.Severity
		alertWindow
	}{
		{"spec.page.quick", slo.Page, in.Spec.Page.Quick}, {"spec.page.slow", slo.Page, in.Spec.Page.Slow},
		{"spec.ticket.quick", slo.Ticket, in.Spec.Ticket.Quick}, {"spec.ticket.slow", slo.Ticket, in.Spec.Ticket.Slow},
	} {
		r.alertWindow(part.path, part.alertWindow, w.period)
		w.policies = append(w.policies, slo.Policy{
			Severity: part.severity, Long: part.LongWindow, Short: part.ShortWindow, Share: part.ErrorBudgetPercent / 100,
		})
	}
	w.refused = r.Failed("")
	return w
}

func (r *reader) alertWindow(path string, w alertWindow, period time.Duration) {
	if !(w.ErrorBudgetPercent > 0 && w.ErrorBudgetPercent <= 100) {
		r.Wrong(path+".errorBudgetPercent", fmt.Sprintf("%g is no part of the budget in percent", w.ErrorBudgetPercent), "write one above 0 and up to 100, such as 2")
	}
	switch {
	case w.LongWindow <= 0:
		r.Wrong(path+".longWindow", "the long window is missing", "write one such as 1h")
	case w.LongWindow > period && period > 0:
		r.Wrong(path+".longWindow", "it is longer than sloPeriod", "write a shorter one")
	}
	if w.ShortWindow < time.Second || w.LongWindow > 0 && w.ShortWindow >= w.LongWindow {
		r.Wrong(path+".shortWindow", "the short window is missing, or not shorter than the long one", "write a twelfth of the long one, such as 5m for 1h")
	}
}

// choose takes the windows that hold for all SLOs. Sloth looks them up by its default period, which
// is 30 days unless a flag says otherwise; a single file of another period stands for that flag.
func choose(all []*periodWindows) *periodWindows {
	chosen := &periodWindows{period: defaultPeriod}
	if len(all) == 1 {
		chosen = all[0]
	}
	for _, w := range all {
		if len(all) > 1 && w.period == defaultPeriod && chosen.reader == nil {
			chosen = w
		}
	}
	for _, w := range all {
		switch {
		case w == chosen || w.refused:
		case w.period == chosen.period && !reflect.DeepEqual(w.policies, chosen.policies):
			r := chosen.reader
			r.Wrong("spec.sloPeriod", fmt.Sprintf("%s has other windows for the same period", w.reader.Doc.File()), "keep one of them")
		case w.period != chosen.period:
			w.reader.Warn("spec.sloPeriod", "these windows are not used: Sloth files say no period, and with several to choose from it is "+slo.FormatDuration(chosen.period),
				"keep the one file whose period holds")
		}
	}
	return chosen
}

// report says how many SLOs the windows of a file hold for, and what Resolve says about them.
func (w *periodWindows) report(defs int) {
	if w.reader == nil || w.refused {
		return
	}
	var long []string
	for _, p := range w.policies {
		long = append(long, slo.FormatDuration(p.Long))
	}
	w.reader.Warn("spec", fmt.Sprintf("all %d SLOs of Sloth that are read with this file have a window of %s and policies over %s, as Sloth's flag --slo-period-windows-path makes them",
		defs, slo.FormatDuration(w.period), strings.Join(long, ", ")), "keep the file out of the SLO folders where that isn't meant")
}
