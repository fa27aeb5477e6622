package slo

import (
	"strings"
	"testing"
	"time"
)

func TestTheMostPlausibleChangeComesFirst(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, time.March, 3, 14, 2, 0, 0, time.UTC)
	change := func(id, service string, before time.Duration, version string, labels ...string) ChangeEvent {
		c := ChangeEvent{ID: id, Kind: ChangeDeploy, At: start.Add(-before), Service: service, Version: version, Labels: map[string]string{}}
		for i := 0; i+1 < len(labels); i += 2 {
			c.Labels[labels[i]] = labels[i+1]
		}
		return c
	}
	in := func(pairs ...string) *Where {
		return &Where{Explanations: []Explanation{{Labels: NewLabels(pairs...)}}}
	}
	for _, c := range []struct {
		name    string
		where   *Where
		changes []ChangeEvent
		// want are the IDs in order, and reason that of the first.
		want, reason string
	}{
		{"nothing changed", nil, nil, "", ""},
		{"of two of the service the nearer one", nil, []ChangeEvent{change("old", "checkout", 3*time.Hour, ""), change("new", "checkout", 3*time.Minute, "")}, "new old", "same service"},
		{"its own service before a dependency", nil, []ChangeEvent{change("pay", "payment", 3*time.Minute, ""), change("own", "checkout", 10*time.Minute, "")}, "own pay", "same service"},
		{"a dependency a moment before it rather than its own service in the morning", nil, []ChangeEvent{change("own", "checkout", 5*time.Hour, ""), change("pay", "payment", 2*time.Minute, "")}, "pay own", "a dependency, payment"},
		{"a service that has nothing to do with it is not named", nil, []ChangeEvent{change("blog", "blog", time.Minute, "")}, "", ""},
		{"but where what fails bears its flag", in("feature.flag", "fast-path"), []ChangeEvent{change("blog", "flags", time.Minute, "", "flag", "fast-path")}, "blog", "another service, flags; it fails in feature.flag=fast-path"},
		{"what concerns all services is plausible", nil, []ChangeEvent{change("net", "", time.Minute, "")}, "net", "it concerns all services"},
		{"the version in which it fails before a nearer one of the service", in("service.version", "2.14.0"),
			[]ChangeEvent{change("config", "checkout", 5*time.Minute, ""), change("bad", "checkout", 40*time.Minute, "2.14.0")}, "bad config", "same service; it fails in service.version=2.14.0"},
		{"the version of a dependency in which it fails", in("region", "eu", "payment_version", "9"),
			[]ChangeEvent{change("own", "checkout", 5*time.Minute, "2.14.0"), change("pay", "payment", 6*time.Minute, "9")}, "pay own", "a dependency, payment; it fails in payment_version=9"},
		{"a version of its own is not that of a dependency", in("payment_version", "9"),
			[]ChangeEvent{change("own", "checkout", 5*time.Minute, "2.14.0")}, "own", "same service"},
		{"nor the other way round", in("service.version", "9"),
			[]ChangeEvent{change("pay", "payment", 6*time.Minute, "9")}, "pay", "a dependency, payment"},
		{"another region than that in which it fails comes last", in("cloud.region", "eu"),
			[]ChangeEvent{change("us", "checkout", time.Minute, "", "region", "us"), change("eu", "checkout", time.Hour, "", "region", "eu"), change("all", "checkout", 2*time.Hour, "")}, "eu all us", "same service; it fails in cloud.region=eu"},
		{"after the start hardly any", nil, []ChangeEvent{change("after", "checkout", -time.Minute, ""), change("before", "checkout", 4*time.Hour, "")}, "before after", "same service"},
		{"a deploy that telemetry shows as well is one change", nil, []ChangeEvent{
			{ID: "seen", Kind: ChangeVersion, At: start.Add(-time.Minute), Service: "checkout", Version: "2"}, change("told", "checkout", 2*time.Minute, "2")}, "told", "same service"},
		{"long after the start none", nil, []ChangeEvent{change("after", "checkout", -time.Hour, "")}, "", ""},
		{"long before the start none", nil, []ChangeEvent{change("old", "checkout", 25*time.Hour, "")}, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			near := NearestChanges(c.changes, ChangeQuery{Service: "checkout", DependsOn: []string{"payment"}, Start: start, Where: c.where})
			var ids []string
			for _, n := range near {
				ids = append(ids, n.Change.ID)
				if !n.Change.At.Equal(start.Add(-n.Before)) {
					t.Errorf("%s was %s before the start", n.Change.ID, n.Before)
				}
			}
			if got := strings.Join(ids, " "); got != c.want {
				t.Errorf("named are %q, want %q", got, c.want)
			}
			if len(near) > 0 && near[0].Reason != c.reason {
				t.Errorf("the first is named because %q, want %q", near[0].Reason, c.reason)
			}
		})
	}
	many := make([]ChangeEvent, 20)
	for i := range many {
		many[i] = change(string(rune('a'+i)), "checkout", time.Duration(i)*time.Minute, "")
	}
	if near := NearestChanges(many, ChangeQuery{Service: "checkout", Start: start}); len(near) != 5 || near[0].Change.ID != "a" {
		t.Errorf("of twenty %d are named, %+v first", len(near), near[0].Change)
	}
}
