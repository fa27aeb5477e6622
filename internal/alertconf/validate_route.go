package alertconf

import (
	"fmt"
	"slices"
	"time"
)

// tree checks the routing tree.
type tree struct {
	c                    *check
	receivers, intervals []string
}

// root checks what holds for the root alone.
func (f *File) root(c *check, whole bool) {
	r := &f.Route
	if r.Receiver == "" {
		switch {
		case whole || len(r.Routes) > 0 && len(f.Receivers) != 1:
			c.wrong("route.receiver", "the root of the routing tree names no receiver", "write the one for what no other route takes")
		case len(f.Receivers) > 1:
			c.wrong("route.receiver", "there are several receivers and none is named", "write the name of one")
		}
	}
	if !r.matching().empty() {
		c.wrong("route", "the root takes every alert, so it has no matchers", "put them into a route under routes")
	}
	if r.Continue {
		c.wrong("route.continue", "nothing comes after the root", "remove it")
	}
	for _, l := range []struct {
		key  string
		list []string
	}{{"mute_time_intervals", r.MuteTimeIntervals}, {"active_time_intervals", r.ActiveTimeIntervals}} {
		if len(l.list) > 0 {
			c.wrong("route."+l.key, "the root can't be muted", "put it into a route under routes, one without matchers for everything")
		}
	}
}

// matching are the matchers of a route in all their forms.
func (r *Route) matching() matching {
	return matching{equal: r.Match, regexp: r.MatchRE, matchers: r.Matchers}
}

// route checks a node and all below it.
func (t tree) route(r *Route, at string) {
	if r.Receiver != "" && !slices.Contains(t.receivers, r.Receiver) {
		t.c.wrong(at+".receiver", fmt.Sprintf("there is no receiver %q", r.Receiver), "write the name of one under receivers")
	}
	t.groupBy(r.GroupBy, at)
	for _, d := range []struct {
		key   string
		value *time.Duration
	}{{"group_interval", r.GroupInterval}, {"repeat_interval", r.RepeatInterval}} {
		if d.value != nil && *d.value == 0 {
			t.c.wrong(at+"."+d.key, "it is zero", "write a duration such as 5m, or leave it out")
		}
	}
	r.matching().read(t.c, at)
	t.escalate(r.Escalate, at)
	for _, l := range []struct {
		key  string
		list []string
	}{{"mute_time_intervals", r.MuteTimeIntervals}, {"active_time_intervals", r.ActiveTimeIntervals}} {
		for i, name := range l.list {
			if !slices.Contains(t.intervals, name) {
				t.c.wrong(fmt.Sprintf("%s.%s[%d]", at, l.key, i), fmt.Sprintf("there is no time interval %q", name), "write the name of one under time_intervals")
			}
		}
	}
	t.below(r, at)
}

// below checks the children, and that each of them can be reached.
func (t tree) below(r *Route, at string) {
	all := -1
	for i := range r.Routes {
		child := &r.Routes[i]
		here := fmt.Sprintf("%s.routes[%d]", at, i)
		if all >= 0 {
			t.c.warn(here, fmt.Sprintf("nothing gets here: the route on line %d before it has no matchers and takes everything", r.Routes[all].Source.Line),
				"write continue: true there, or move it to the end")
		} else if child.matching().empty() && !child.Continue {
			all = i
		}
		t.route(child, here)
	}
}

// escalate checks the further receivers.
func (t tree) escalate(all []Escalation, at string) {
	for i, e := range all {
		here := fmt.Sprintf("%s.escalate[%d]", at, i)
		if e.After <= 0 {
			t.c.wrong(here+".after", "it does not say after what time", "write a duration such as 1h")
		}
		if !slices.Contains(t.receivers, e.Receiver) {
			t.c.wrong(here+".receiver", fmt.Sprintf("there is no receiver %q", e.Receiver), "write the name of one under receivers")
		}
	}
}

// groupBy checks the labels that name a group.
func (t tree) groupBy(names []string, at string) {
	for i, name := range names {
		here := fmt.Sprintf("%s.group_by[%d]", at, i)
		switch {
		case name == everything && len(names) > 1:
			t.c.wrong(here, "... stands for all labels, and others are named too", "write group_by: ['...'] alone, or only labels")
		case slices.Contains(names[:i], name):
			t.c.wrong(here, fmt.Sprintf("the label %q is named twice", name), "name it once")
		case !validLabel(name):
			t.c.wrong(here, fmt.Sprintf("%q is no name of a label", name), "write the name of a label")
		}
	}
}

// everything in group_by stands for all labels.
const everything = "..."

// notes says where Burnline does otherwise than Alertmanager. A tree that is one route in
// burnline.yaml need not know.
func (f *File) notes(c *check, whole bool) {
	if !whole && len(f.Route.Routes) == 0 && f.Route.GroupWait == nil {
		return
	}
	if f.Route.GroupBy == nil {
		c.note("route", "without group_by each alert is an incident of its own, where Alertmanager would make one of them all",
			"write group_by: [alertname], or group_by: [] for one incident")
	}
	if at, ok := f.Route.waits("route"); ok {
		c.note(at, "the first alert of a group goes at once, and those that follow after group_interval", "")
	}
}

// waits returns the path of the first group_wait.
func (r *Route) waits(at string) (string, bool) {
	if r.GroupWait != nil {
		return at + ".group_wait", true
	}
	for i := range r.Routes {
		if found, ok := r.Routes[i].waits(fmt.Sprintf("%s.routes[%d]", at, i)); ok {
			return found, true
		}
	}
	return "", false
}
