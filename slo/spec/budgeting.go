package spec

import (
	"fmt"
	"time"

	"burnline/slo"
)

// defaultSlice is the length of a slice of time that is not given.
const defaultSlice = time.Minute

// budgeting says how the events of the SLI spend the budget. Slices are bad by any
// bad sample unless the file says otherwise.
func (r *reader) budgeting(in *budgeting, d *slo.Definition) slo.Budgeting {
	const path = "spec.budgeting"
	slice := defaultSlice
	if s := d.SLI.Samples; s != nil {
		if in == nil {
			return slo.Budgeting{Method: slo.Timeslices, Slice: s.Every, Target: 1}
		}
		slice = s.Every
	}
	if in == nil || r.unread(path) {
		return slo.Budgeting{}
	}
	if d.SLI.Ratio != nil || d.SLI.Composite != nil {
		r.wrong(path, "what gives a ratio has no events that could spend the budget in several ways", "remove the key")
		return slo.Budgeting{}
	}
	b := slo.Budgeting{Method: slo.BudgetingMethod(in.Method)}
	switch b.Method {
	case slo.Occurrences:
		r.forbidden(path+".slice", "every event counts by itself")
		r.forbidden(path+".target", "every event counts by itself")
		return slo.Budgeting{}
	case slo.RatioTimeslices:
		r.forbidden(path+".target", "a slice counts by its error ratio")
	case slo.Timeslices:
		if in.Target == nil {
			r.wrong(path+".target", "the share of good events that makes a slice good is missing", "write one such as 95%")
		} else {
			b.Target = float64(*in.Target)
		}
	default:
		r.wrong(path+".method", fmt.Sprintf("%q is no method", in.Method), "write occurrences, timeslices or ratio_timeslices")
	}
	if b.Slice = slice; in.Slice != 0 || r.doc.Has(path+".slice") {
		b.Slice = r.slice(path+".slice", in.Slice)
	}
	return b
}

// forbidden reports a key that has no meaning here.
func (r *reader) forbidden(path, why string) {
	if r.doc.Has(path) {
		r.wrong(path, why, "remove the key")
	}
}

// slice checks the length of slices of time.
func (r *reader) slice(path string, d time.Duration) time.Duration {
	switch {
	case r.unread(path):
		return defaultSlice
	case d == 0 && !r.doc.Has(path):
		return defaultSlice
	case d < time.Second || d > time.Hour || d%time.Second != 0:
		r.wrong(path, slo.FormatDuration(d)+" is no length of a slice", "write whole seconds from 1s to 1h, such as 1m")
		return defaultSlice
	}
	return d
}
