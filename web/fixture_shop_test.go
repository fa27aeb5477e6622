package web

import (
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// policies are the default ones for 30 days.
func policies() []slo.Policy {
	return []slo.Policy{
		{Severity: slo.Page, Long: time.Hour, Short: 5 * time.Minute, Share: 0.02, Factor: 14.4},
		{Severity: slo.Page, Long: 6 * time.Hour, Short: 30 * time.Minute, Share: 0.05, Factor: 6},
		{Severity: slo.Ticket, Long: day, Short: 2 * time.Hour, Share: 0.1, Factor: 3},
		{Severity: slo.Ticket, Long: 3 * day, Short: 6 * time.Hour, Share: 0.1, Factor: 1},
	}
}

// newShop builds the fixture as of now.
func newShop(now time.Time) *shop {
	s := &shop{now: now, version: 1}
	events := slo.SLI{Events: &slo.EventsSLI{
		Bad:   slo.Sum{{Selector: slo.Selector{Name: "http_requests_total", Matchers: []slo.Matcher{{Label: "service", Op: slo.MatchEqual, Value: "checkout"}, {Label: "code", Op: slo.MatchRegexp, Value: "5.."}}}}},
		Total: slo.Sum{{Selector: slo.Selector{Name: "http_requests_total", Matchers: []slo.Matcher{{Label: "service", Op: slo.MatchEqual, Value: "checkout"}}}}},
	}}
	slow := slo.SLI{Latency: &slo.LatencySLI{Histogram: slo.Selector{Name: "http_request_duration_seconds", Matchers: []slo.Matcher{{Label: "service", Op: slo.MatchEqual, Value: "search"}}}, Threshold: 300 * time.Millisecond}}
	define := func(service, name, team, journey string, objective float64, sli slo.SLI) *slo.Definition {
		d := &slo.Definition{ID: service + "/" + name, Name: name, Service: service, Team: team, Journey: journey,
			Objective: objective, Window: slo.Window{Rolling: 30 * day}, SLI: sli, NoData: slo.NoDataAuto, Policies: policies(),
			ResolveAfter: 5 * time.Minute, MinBad: 2, Labels: map[string]string{"tier": "1"},
			Source: slo.Source{File: "slos/" + service + ".yaml", Line: 3 + 18*(len(s.defs)%2)}}
		s.defs = append(s.defs, d)
		return d
	}
	checkout := define("checkout", "availability", "payments", "buying", 99.9, events)
	checkout.Description = "Customers can pay for their basket."
	checkout.GroupBy = []string{"region"}
	checkout.Annotations = map[string]string{"runbook": "https://runbooks.example.com/checkout"}
	s.judge(checkout, slo.NewLabels("region", "eu"), slo.StateBurning, "burn 61.9 over 1h and 264 over 5m, above 14.4", nil)
	s.judge(checkout, slo.NewLabels("region", "us"), slo.StateOK, "no policy fires", nil)
	s.judge(checkout, slo.NewLabels("region", "apac"), slo.StateOK, "no policy fires", nil)
	s.judge(define("checkout", "latency", "payments", "buying", 99, slow), nil, slo.StateOK, "no policy fires", nil)
	s.judge(define("storefront", "availability", "web", "browsing", 99.95, events), nil, slo.StateOK, "no policy fires", nil)
	s.judge(define("search", "latency", "discovery", "finding", 99, slow), nil, slo.StateSpent, "nothing of the error budget is left", nil)
	s.judge(define("payment", "authorisation", "payments", "", 99.9, events), nil, slo.StateOK, "no policy fires", func(st *slo.Status) {
		st.Budget.Projected, st.Budget.Elapsed = true, 50*time.Hour
	})
	unknown := func(st *slo.Status) {
		st.Budget, st.Burns, st.LastSample = slo.BudgetStatus{}, nil, now.Add(-7*time.Minute)
	}
	s.judge(define("invoices", "rendering", "billing", "", 99.5, events), nil, slo.StateIdle, "series report, but no event happened for 2 h", nil)
	s.judge(define("inventory", "sync", "supply", "", 99, events), nil, slo.StateMissing, "no series of the total has reported for 7 min", unknown)
	s.judge(define("reports", "export", "billing", "", 99, events), nil, slo.StateBroken, "bad events (412) exceed all events (360) over 3d", unknown)
	s.judge(define("loyalty", "points", "growth", "", 99, events), nil, slo.StateUnseen, "no series matched since it was loaded", func(st *slo.Status) {
		unknown(st)
		st.LastSample, st.Policies = time.Time{}, nil
	})
	s.judge(define("mail", "delivery", "growth", "", 98, events), nil, slo.StateOK, "no policy fires", func(st *slo.Status) { st.Filling, st.Filled = true, 0.37 })
	s.records = incidents(now)
	s.statuses[0].Open = []slo.Incident{s.records[0].Incident}
	s.health = health(now)
	return s
}

// judge adds a status that is true to the traffic of the fixture.
func (s *shop) judge(d *slo.Definition, group slo.Labels, state slo.State, reason string, edit func(*slo.Status)) {
	flow := s.traffic(d.ID, group)
	burn := func(w time.Duration) slo.Burn {
		ratio, total := flow.mean(s.now, s.now, w), flow.rate*w.Seconds()
		return slo.Burn{Window: w, Counts: slo.Counts{Good: total * (1 - ratio), Total: total}, Ratio: ratio, Rate: ratio / d.Budget(), Known: true}
	}
	st := slo.Status{ID: d.ID, Group: group, At: s.now, State: state, Reason: reason, Since: s.now.Add(-14 * time.Minute), LastSample: s.now.Add(-2 * time.Second)}
	for _, w := range []time.Duration{5 * time.Minute, 30 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, day, 3 * day, 30 * day} {
		st.Burns = append(st.Burns, burn(w))
	}
	for _, p := range d.Policies {
		ps := slo.PolicyStatus{Policy: p, Long: burn(p.Long), Short: burn(p.Short), Severity: p.Severity, Reason: "burn stays below the factor"}
		if ps.Long.Rate > p.Factor && ps.Short.Rate > p.Factor {
			ps.Firing, ps.Reason = true, "burn "+figure(ps.Long.Rate)+" over "+window(p.Long)+" and "+figure(ps.Short.Rate)+" over "+window(p.Short)
		}
		st.Policies = append(st.Policies, ps)
	}
	w := st.Burns[len(st.Burns)-1]
	st.Whole = w
	st.Budget = slo.BudgetStatus{Counts: w.Counts, Elapsed: 30 * day, Consumed: w.Rate, Remaining: 1 - w.Rate, Known: true, Spent: w.Rate >= 1}
	if state == slo.StateBurning {
		st.Budget.Exhausts, st.Budget.GoneIn = true, 2*time.Hour+10*time.Minute
	}
	if edit != nil {
		edit(&st)
	}
	s.statuses = append(s.statuses, st)
}

// incidents are one open page whose second receiver refuses it, and older ones.
func incidents(now time.Time) []alerting.Record {
	started := now.Add(-14 * time.Minute)
	summary := "Buying: 1 in 4 requests fails. 1,204 of 4,816 checkout requests failed since " + started.UTC().Format("15:04") + ". At this rate the 30d error budget is gone in 2 h 10 min."
	message := alerting.Message{Summary: summary, Severity: slo.Page, Source: "checkout", Component: "availability", Class: "events", Time: started,
		Details: []alerting.Detail{{Name: "Budget left", Value: "38 %"}, {Name: "Region", Value: "eu"}}}
	eu := slo.NewLabels("region", "eu")
	open := alerting.Record{Title: "Buying", Summary: summary,
		Incident: slo.Incident{Key: "4be7a1c0d2f9", SLO: "checkout/availability", Severity: slo.Page, Group: eu, Groups: []slo.Labels{eu},
			Started: started, Opened: started.Add(54 * time.Second), Episode: "e1", EpisodeStarted: started, Number: 2},
		Transitions: []alerting.Step{{Kind: slo.IncidentOpened, At: started.Add(54 * time.Second), Reason: "burn 14.6 over 1h and 170 over 5m, above 14.4"}},
		Rows: []alerting.Row{
			{ID: 1, Receiver: "oncall", Integration: "pagerduty", Seq: 1, Action: alerting.ActionTrigger, Message: message, State: alerting.RowDelivered, Attempts: 2,
				CreatedAt: started.Add(54 * time.Second), SettledAt: started.Add(58 * time.Second), Answer: "202: Event processed"},
			{ID: 2, Receiver: "payments-leads", Integration: "pagerduty", Seq: 1, Action: alerting.ActionTrigger, Message: message, State: alerting.RowRefused, Attempts: 1,
				CreatedAt: started.Add(54 * time.Second), SettledAt: started.Add(55 * time.Second), Answer: "400: invalid event: 'routing_key' is not a valid key"},
			{ID: 3, Receiver: "chat", Integration: "webhook", Seq: 1, Action: alerting.ActionTrigger, Message: message, State: alerting.RowPending, Attempts: 6,
				CreatedAt: started.Add(54 * time.Second), NextAt: now.Add(40 * time.Second), Answer: "503: service unavailable; trying again"},
		}}
	records := []alerting.Record{open}
	past := func(key, id, title, text string, sev slo.Severity, ago, lasted time.Duration) {
		at := now.Add(-ago)
		records = append(records, alerting.Record{Title: title, Summary: text,
			Incident: slo.Incident{Key: key, SLO: id, Severity: sev, Started: at, Opened: at.Add(time.Minute), Closed: at.Add(lasted), Groups: []slo.Labels{{}}, Number: 1},
			Transitions: []alerting.Step{{Kind: slo.IncidentOpened, At: at.Add(time.Minute), Reason: "burn 9.2 over 6h and 11 over 30m, above 6"},
				{Kind: slo.IncidentClosed, At: at.Add(lasted), Reason: "no policy fired for 5m"}},
			Rows: []alerting.Row{{ID: int64(len(records) * 10), Receiver: "oncall", Integration: "pagerduty", Seq: 1, Action: alerting.ActionTrigger, Message: alerting.Message{Summary: text},
				State: alerting.RowDelivered, Attempts: 1, CreatedAt: at.Add(time.Minute), SettledAt: at.Add(time.Minute + 400*time.Millisecond), Answer: "202: Event processed"},
				{ID: int64(len(records)*10 + 1), Receiver: "oncall", Integration: "pagerduty", Seq: 2, Action: alerting.ActionResolve, Message: alerting.Message{Summary: title + ": recovered."},
					State: alerting.RowDelivered, Attempts: 1, CreatedAt: at.Add(lasted), SettledAt: at.Add(lasted + 300*time.Millisecond), Answer: "202: Event processed"}}})
	}
	past("77aa01", "payment/authorisation", "payment", "payment: 0.6 % of requests fail. 9,331 of 1,555,200 requests failed since yesterday.", slo.Ticket, 25*time.Hour, 23*time.Hour)
	past("9cd812", "checkout/availability", "Buying", "Buying: 1 in 9 requests fails. 611 of 5,402 checkout requests failed since 02:10.", slo.Page, 3*day, 52*time.Minute)
	past("30f4be", "search/latency", "Finding", "Finding is slow: 9 % of searches take longer than 300 ms.", slo.Page, 8*day, 11*time.Hour)
	past("51c09d", "search/latency", "Finding", "Finding is slow: 1.4 % of searches take longer than 300 ms.", slo.Ticket, 12*day, 30*time.Hour)
	return records
}

// health is a system that works, but has turned a few things away.
func health(now time.Time) Health {
	return Health{At: now, Version: "0.1.0", Started: now.Add(-75 * time.Hour), OTLPGRPC: "127.0.0.1:4317", OTLPHTTP: "127.0.0.1:4318",
		SamplesPerSecond: 18450, SpansPerSecond: 912, Refused: []Refusal{{"samples too old", 12}, {"series limit reached", 40}},
		NewestSample: now.Add(-1800 * time.Millisecond), Lag: 1800 * time.Millisecond, EvaluationP50: 310 * time.Microsecond, EvaluationP99: 2100 * time.Microsecond,
		OutboxDepth: 1, OutboxOldest: 40 * time.Second, Series: 41233,
		Stores:   []Storage{{"metrics", "./data/metrics", new(int64(3 << 30)), 50 << 30}, {"traces", "./data/traces", new(int64(700 << 20)), 2 << 30}, {"state", "./data/state.db", new(int64(9 << 20)), 0}},
		SLOPaths: []string{"slos/"}, Files: []SLOFile{{"slos/checkout.yaml", 2, nil}, {"slos/search.yaml", 1, slo.Findings{{Source: slo.Source{File: "slos/search.yaml", Line: 21}, Path: "spec.owner", Level: slo.LevelWarning, Message: "unknown key", Instead: "write team"}}}},
		Receivers:  []string{"oncall", "payments-leads", "chat"},
		Components: []Component{{"collector", ComponentOK, ""}, {"engine", ComponentOK, ""}, {"metric store", ComponentOK, ""}, {"deliverer", ComponentDegraded, "chat answers 503; 1 message waits"}}}
}
