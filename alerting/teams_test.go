package alerting

import (
	"slices"
	"testing"

	"burnline/slo"
)

func TestATeamWithAReceiverOfItsOwnIsToldThere(t *testing.T) {
	config := oncall("team/commerce")
	config.Teams = map[string]string{"commerce": "team/commerce", "payments": "team/commerce"}
	of := func(team string, kind slo.TransitionKind) slo.Transition {
		return opened(func(t *slo.Transition) { t.Kind, t.Incident.Team = kind, team })
	}
	for _, c := range []struct {
		name string
		t    slo.Transition
		have []Row
		want []string
	}{
		{"a team's incident goes to the team alone", of("commerce", slo.IncidentOpened), nil, []string{"team/commerce trigger"}},
		{"a team without a key is told through the team above", of("payments", slo.IncidentOpened), nil, []string{"team/commerce trigger"}},
		{"a team that nobody knows goes the way of the route", of("search", slo.IncidentOpened), nil, []string{"oncall trigger"}},
		{"no team goes the way of the route", of("", slo.IncidentOpened), nil, []string{"oncall trigger"}},
		{"the end goes to whoever was told of the beginning", of("payments", slo.IncidentClosed),
			[]Row{have(1, "team/commerce", ActionTrigger, RowDelivered, 1)}, []string{"team/commerce resolve"}},
		{"an incident that began before the team had a key ends at both", of("payments", slo.IncidentClosed),
			[]Row{have(1, "oncall", ActionTrigger, RowDelivered, 1)}, []string{"oncall resolve", "team/commerce resolve"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, r := range plan(config, TextOptions{}, c.t, Existing{Rows: c.have}).Rows {
				got = append(got, r.Receiver+" "+string(r.Action))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTeamsReceiversNeedNoRouteBesideTheOnlyOther(t *testing.T) {
	config := oncall("team/commerce")
	config.Route, config.Teams = Route{}, map[string]string{"commerce": "team/commerce"}
	if err := config.Validate(); err != nil {
		t.Error(err)
	}
	if got := config.receiver("search"); got != "oncall" {
		t.Errorf("another team's incidents go to %q", got)
	}
	config.Teams["search"] = "nowhere"
	if err := config.Validate(); err == nil {
		t.Error("a team with a receiver that does not exist was taken")
	}
}
