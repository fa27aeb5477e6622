package alerting

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"burnline/slo"
)

// oncall is a configuration with one receiver and one integration.
func oncall(names ...string) Config {
	c := Config{Route: Route{Receiver: "oncall"}}
	for _, n := range append([]string{"oncall"}, names...) {
		c.Receivers = append(c.Receivers, ReceiverConfig{Name: n, Integrations: []Integration{{Name: "pagerduty/0", KeepsIncidents: true}}})
	}
	return c
}

// have is a row that exists, of the story's incident at a receiver.
func have(id int64, receiver string, a Action, s RowState, attempts int) Row {
	return Row{ID: id, Key: "k1", Receiver: receiver, Integration: "pagerduty/0", Seq: int(id), Action: a, State: s, Attempts: attempts}
}

// ticketRow is a row of the ticket that rises.
func ticketRow(r Row) Row { r.Key = "k0"; return r }

// rise is an opening that takes the place of the ticket k0.
func rise() slo.Transition {
	return opened(func(t *slo.Transition) { t.Incident.Replaces = "k0" })
}

func TestPlans(t *testing.T) {
	trigger, update, resolve := ActionTrigger, ActionUpdate, ActionResolve
	pending, delivered, refused, superseded := RowPending, RowDelivered, RowRefused, RowSuperseded
	for _, c := range []struct {
		name      string
		config    Config
		t         slo.Transition
		have      Existing
		rows      []string
		supersede []int64
		reason    Reason
	}{
		{"an opening triggers at the route's receiver alone", oncall("other"), opened(), Existing{}, []string{"k1 oncall trigger"}, nil, ReasonOpened},
		{"without receivers an opening is recorded and nobody is told", Config{}, opened(), Existing{}, nil, nil, ReasonNobody},
		{"a lone receiver needs no route", Config{Receivers: oncall().Receivers}, opened(), Existing{}, []string{"k1 oncall trigger"}, nil, ReasonOpened},
		{"every integration of the receiver is told", Config{Receivers: []ReceiverConfig{{Name: "oncall", Integrations: []Integration{{Name: "pagerduty/0", KeepsIncidents: true}, {Name: "pagerduty/1", KeepsIncidents: true}}}}},
			opened(), Existing{}, []string{"k1 oncall trigger", "k1 oncall trigger"}, nil, ReasonOpened},
		{"a receiver that knows of the open incident is not triggered twice", oncall(), opened(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1)}}, nil, nil, ReasonNobody},
		{"what opens again after its resolve triggers again", oncall(), opened(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1), have(2, "oncall", resolve, delivered, 1)}}, []string{"k1 oncall trigger"}, nil, ReasonOpened},

		{"a rise pages and resolves the ticket that was sent", oncall(), rise(),
			Existing{Replaced: []Row{ticketRow(have(1, "oncall", trigger, delivered, 1))}}, []string{"k1 oncall trigger", "k0 oncall resolve"}, nil, ReasonRose},
		{"a ticket that was attempted may have arrived, so it is resolved", oncall(), rise(),
			Existing{Replaced: []Row{ticketRow(have(1, "oncall", trigger, pending, 3))}}, []string{"k1 oncall trigger", "k0 oncall resolve"}, nil, ReasonRose},
		{"a ticket that nobody tried to send ends in the page", oncall(), rise(),
			Existing{Replaced: []Row{ticketRow(have(1, "oncall", trigger, pending, 0))}}, []string{"k1 oncall trigger"}, []int64{1}, ReasonRose},
		{"a ticket at a receiver that gets no page is resolved there", oncall("other"), rise(),
			Existing{Replaced: []Row{ticketRow(have(1, "other", trigger, pending, 0))}}, []string{"k1 oncall trigger", "k0 other resolve"}, nil, ReasonRose},

		{"a join refreshes the text where the incident was told", oncall(), joined(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1)}}, []string{"k1 oncall update"}, nil, ReasonJoined},
		{"a newer update overtakes one that nobody tried to send", oncall(), joined(),
			Existing{Rows: []Row{have(1, "oncall", trigger, pending, 2), have(2, "oncall", update, pending, 0)}}, []string{"k1 oncall update"}, []int64{2}, ReasonJoined},
		{"a join after the route changed tells both receivers", Config{Receivers: oncall("new").Receivers, Route: Route{Receiver: "new"}}, joined(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1)}}, []string{"k1 oncall update", "k1 new trigger"}, nil, ReasonJoined},

		{"a closing resolves where the incident was told", oncall(), closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1)}}, []string{"k1 oncall resolve"}, nil, ReasonClosed},
		{"a closing resolves where it was told and, as that may have another name now, where the route leads", Config{Receivers: oncall("new").Receivers, Route: Route{Receiver: "new"}}, closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1)}}, []string{"k1 oncall resolve", "k1 new resolve"}, nil, ReasonClosed},
		{"a closing that was told to nobody follows no route", Config{Receivers: oncall("new").Receivers, Route: Route{Receiver: "new"}}, closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, pending, 0)}}, []string{"k1 oncall trigger", "k1 oncall resolve"}, []int64{1}, ReasonMerged},
		{"a rise resolves the ticket where the route leads too", Config{Receivers: oncall("new").Receivers, Route: Route{Receiver: "new"}}, rise(),
			Existing{Replaced: []Row{ticketRow(have(1, "oncall", trigger, delivered, 1))}}, []string{"k1 new trigger", "k0 oncall resolve", "k0 new resolve"}, nil, ReasonRose},
		{"a closing resolves even at a receiver that is gone", Config{}, closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1)}}, []string{"k1 oncall resolve"}, nil, ReasonClosed},
		{"a closing that nobody waits for tells nobody", oncall(), closed(), Existing{}, nil, nil, ReasonNothing},
		{"a trigger that nobody tried to send is merged with its resolve", oncall(), closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, pending, 0)}}, []string{"k1 oncall trigger", "k1 oncall resolve"}, []int64{1}, ReasonMerged},
		{"trigger and update that nobody tried to send are merged together", oncall(), closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, pending, 0), have(2, "oncall", update, pending, 0)}},
			[]string{"k1 oncall trigger", "k1 oncall resolve"}, []int64{1, 2}, ReasonMerged},
		{"an attempted trigger is never merged", oncall(), closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, pending, 1)}}, []string{"k1 oncall resolve"}, nil, ReasonClosed},
		{"an update that nobody tried to send is overtaken by the resolve", oncall(), closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, delivered, 1), have(2, "oncall", update, pending, 0)}}, []string{"k1 oncall resolve"}, []int64{2}, ReasonClosed},
		{"a refused trigger still gets its resolve", oncall(), closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, refused, 1)}}, []string{"k1 oncall resolve"}, nil, ReasonClosed},
		{"superseded rows count for nothing", oncall(), closed(),
			Existing{Rows: []Row{have(1, "oncall", trigger, superseded, 0)}}, nil, nil, ReasonNothing},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := plan(c.config, TextOptions{}, c.t, c.have)
			var rows []string
			for _, r := range p.Rows {
				rows = append(rows, fmt.Sprintf("%s %s %s", r.Key, r.Receiver, r.Action))
				if r.Message.Summary == "" {
					t.Errorf("row %v has no text", r)
				}
			}
			if !reflect.DeepEqual(rows, c.rows) {
				t.Errorf("rows are %q, want %q", rows, c.rows)
			}
			if !reflect.DeepEqual(p.Supersede, c.supersede) {
				t.Errorf("superseded are %v, want %v", p.Supersede, c.supersede)
			}
			if p.Reason != c.reason {
				t.Errorf("reason is %q, want %q", p.Reason, c.reason)
			}
			if p.Title != "Buying" || p.Newest.Summary == "" {
				t.Errorf("title %q and text %q are to be kept even when nobody is told", p.Title, p.Newest.Summary)
			}
		})
	}
}

func TestAResolveFindsAnIntegrationThatMovedInItsList(t *testing.T) {
	// The integration that was number 0 is number 1 since another stands before it.
	c := Config{Receivers: []ReceiverConfig{{Name: "oncall", Integrations: []Integration{{Name: "pagerduty/0", KeepsIncidents: true}, {Name: "pagerduty/1", KeepsIncidents: true}}}}}
	p := plan(c, TextOptions{}, closed(), Existing{Rows: []Row{have(1, "oncall", ActionTrigger, RowDelivered, 1)}})
	var resolved []string
	for _, r := range p.Rows {
		resolved = append(resolved, r.Integration+" "+string(r.Action))
	}
	if want := []string{"pagerduty/0 resolve", "pagerduty/1 resolve"}; !reflect.DeepEqual(resolved, want) {
		t.Errorf("rows are %q, want %q", resolved, want)
	}
}

func TestAMergedMessageSaysThatItIsOver(t *testing.T) {
	p := plan(oncall(), TextOptions{}, closed(), Existing{Rows: []Row{have(1, "oncall", ActionTrigger, RowPending, 0)}})
	for _, r := range p.Rows {
		if got := r.Message.Summary; len(got) < 12 || got[:12] != "Already over" {
			t.Errorf("the %s says %q", r.Action, got)
		}
	}
}

func TestAConfigurationSaysWhatIsWrongWithIt(t *testing.T) {
	for _, c := range []struct {
		name   string
		config Config
		want   string
	}{
		{"nothing at all is fine", Config{}, ""},
		{"one receiver without a route is fine", Config{Receivers: []ReceiverConfig{{Name: "a"}}}, ""},
		{"two receivers need a route", Config{Receivers: []ReceiverConfig{{Name: "a"}, {Name: "b"}}}, `alerting.route.receiver is missing; name one of ["a" "b"]`},
		{"a route to nobody", Config{Receivers: []ReceiverConfig{{Name: "a"}}, Route: Route{Receiver: "b"}}, `alerting.route.receiver: there is no receiver "b"; name one of ["a"]`},
		{"a receiver without a name", Config{Receivers: []ReceiverConfig{{}}}, "alerting.receivers[0]: name is missing; write name: oncall"},
		{"a name twice", Config{Receivers: []ReceiverConfig{{Name: "a"}, {Name: "a"}}, Route: Route{Receiver: "a"}}, `alerting.receivers[1]: the name "a" is taken; give each receiver its own name`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := ""
			if err := c.config.Validate(); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestWhatIsOverWhenItsDataComesIsToldToNobody(t *testing.T) {
	c := Config{Receivers: []ReceiverConfig{{Name: "oncall", Integrations: []Integration{{Name: "pagerduty/0"}}}}}
	p := plan(c, TextOptions{}, opened(bygones), Existing{})
	if len(p.Rows) != 0 || p.Reason != ReasonRecorded || p.Newest.Summary == "" || p.Title == "" {
		t.Errorf("planned %+v", p)
	}
}

// A receiver such as Alertmanager's webhook knows an incident by labels, fingerprint and start.
func TestTheEndOfATicketThatRoseIsThatOfTheTicket(t *testing.T) {
	began := rise().Incident.Started.Add(-time.Hour)
	ticket := Text(opened(asTicket, func(t *slo.Transition) { t.Incident.Key, t.Incident.Started = "k0", began }), TextOptions{})
	relabelled := ticket
	relabelled.Labels = slo.NewLabels("severity", "ticket", "tier", "1")
	row := func(id int64, receiver string, a Action, s RowState, attempts int, m Message) Row {
		r := ticketRow(have(id, receiver, a, s, attempts))
		r.Message = m
		return r
	}
	for _, c := range []struct {
		name     string
		config   Config
		replaced []Row
		want     Message
	}{
		{"as it was told", oncall(), []Row{row(1, "oncall", ActionTrigger, RowDelivered, 1, ticket)}, ticket},
		{"as it was told last", oncall(), []Row{row(1, "oncall", ActionTrigger, RowDelivered, 1, ticket),
			row(2, "oncall", ActionUpdate, RowDelivered, 1, relabelled)}, relabelled},
		{"an update that is not sent any more counts for nothing", oncall(), []Row{row(1, "oncall", ActionTrigger, RowDelivered, 1, ticket),
			row(2, "oncall", ActionUpdate, RowPending, 0, relabelled)}, ticket},
		{"each receiver as it was told itself", oncall("other"), []Row{row(1, "oncall", ActionTrigger, RowDelivered, 1, ticket),
			row(2, "other", ActionTrigger, RowPending, 0, ticket)}, ticket},
		{"a receiver of another name as the one before", Config{Receivers: oncall("new").Receivers, Route: Route{Receiver: "new"}},
			[]Row{row(1, "oncall", ActionTrigger, RowDelivered, 1, ticket)}, ticket},
	} {
		t.Run(c.name, func(t *testing.T) {
			resolves := 0
			var page Message
			for _, r := range plan(c.config, TextOptions{}, rise(), Existing{Replaced: c.replaced}).Rows {
				if r.Action == ActionTrigger {
					page = r.Message
					continue
				}
				resolves++
				m := r.Message
				if !reflect.DeepEqual(m.Labels, c.want.Labels) || !m.Time.Equal(began) || m.Labels.Get("severity") != "ticket" {
					t.Errorf("%s: labels %v since %v, want %v since %v", r.Receiver, m.Labels, m.Time, c.want.Labels, began)
				}
				if Fingerprint(m.Labels) == Fingerprint(page.Labels) {
					t.Errorf("%s: it has the fingerprint of the page", r.Receiver)
				}
				for _, d := range []Detail{{"severity", "ticket"}, {"incident", "k0"}, {"rose to the page", "k1"}} {
					if !slices.Contains(m.Details, d) {
						t.Errorf("%s: no %v in %v", r.Receiver, d, m.Details)
					}
				}
			}
			if resolves == 0 {
				t.Error("nobody is told of the ticket's end")
			}
		})
	}
}
