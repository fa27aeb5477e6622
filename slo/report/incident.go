package report

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

// Incident is what a report has to know of one.
type Incident struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	// SLO names the first, SLOs all that are concerned.
	SLO      string       `json:"slo"`
	SLOs     []string     `json:"slos,omitempty"`
	Team     string       `json:"team"`
	Severity slo.Severity `json:"severity"`
	// Started is the first bad event; Opened is when somebody was to be told.
	Started time.Time `json:"started"`
	Opened  time.Time `json:"opened"`
	// Acknowledged is when the first person took it, and Closed when it ended; zero for not yet.
	Acknowledged time.Time `json:"acknowledged,omitzero"`
	Closed       time.Time `json:"closed,omitzero"`
	// Told is true where a receiver took a message, and Night where that was at night by the clock of
	// its team.
	Told  bool `json:"told"`
	Night bool `json:"night,omitempty"`
	// Customers is how many were hurt, by evidence; 0 where nobody knows.
	Customers float64 `json:"customers,omitempty"`
	// Noise is true where somebody judged that it was not worth telling.
	Noise bool `json:"noise,omitempty"`

	// Bad are the events that failed while it lasted, within the period, in quarters of an
	// hour; Spent is their part of the budget of the period, and Cost what they cost. All are of the SLO
	// that they are most of.
	Bad   float64 `json:"bad"`
	Spent float64 `json:"spent"`
	Cost  float64 `json:"cost,omitempty"`
	// weight is that of its SLO.
	weight float64
}

// concerns reports whether it is about an SLO.
func (in *Incident) concerns(id string) bool { return in.SLO == id || slices.Contains(in.SLOs, id) }

// lasted is from its start to its end, or to a moment while it is open.
func (in *Incident) lasted(now time.Time) time.Duration {
	if in.Closed.IsZero() {
		return now.Sub(in.Started)
	}
	return in.Closed.Sub(in.Started)
}

// within reports whether it opened in a period.
func (in *Incident) within(p Period) bool { return in.Opened.After(p.From) && !in.Opened.After(p.To) }

// weigh says what it cost the SLO that it is about.
func (in *Incident) weigh(l *Line, r *Record, p Period, now time.Time) {
	from := in.Started.Truncate(quarter)
	to := in.Closed
	if to.IsZero() {
		to = now
	}
	to = to.Add(quarter - 1).Truncate(quarter)
	from, to = slo.Latest(from, p.From), slo.Earliest(to, p.To)
	if !from.Before(to) || l.Corrected.Total <= 0 {
		return
	}
	bad := r.Over(from, to).Corrected.Bad
	spent := bad / (l.Corrected.Total * (1 - l.Objective/100))
	if l.Weight*spent >= in.weight*in.Spent {
		in.Bad, in.Spent, in.Cost, in.weight = bad, spent, bad*l.Price, l.Weight
	}
}

// worst orders incidents: pages first, then by the weight of the SLO times the part of its budget.
func worst(a, b Incident) int {
	page := func(in Incident) int {
		if in.Severity == slo.Page {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(page(a), page(b)), cmp.Compare(b.weight*b.Spent, a.weight*a.Spent),
		cmp.Compare(b.Bad, a.Bad), a.Opened.Compare(b.Opened), strings.Compare(a.Key, b.Key))
}

// People is what a team was asked for.
type People struct {
	Team string `json:"team"`
	// Pages and Tickets opened in the period and were told; Night are the pages that came at night, and
	// Noise those that somebody judged useless.
	Pages   int `json:"pages"`
	Before  int `json:"pages_before"`
	Tickets int `json:"tickets"`
	Night   int `json:"pages_at_night"`
	Noise   int `json:"pages_noise"`
	// Acknowledge is from opening to the first who took it, and Never counts pages that nobody did.
	Acknowledge Times `json:"time_to_acknowledge"`
	Never       int   `json:"never_acknowledged"`
	// Recover is from the first bad event to the end, and Open counts pages that are not over.
	Recover Times `json:"time_to_recover"`
	Open    int   `json:"open"`
}

// Times are the median and the worst of some durations, in nanoseconds.
type Times struct {
	Count  int           `json:"count"`
	Median time.Duration `json:"median"`
	Worst  time.Duration `json:"worst"`
}

// timesOf sorts the durations.
func timesOf(all []time.Duration) Times {
	if len(all) == 0 {
		return Times{}
	}
	slices.Sort(all)
	n := len(all)
	return Times{Count: n, Median: (all[(n-1)/2] + all[n/2]) / 2, Worst: all[n-1]}
}

// peopleOf counts what one team, or everybody, was told in a period.
func peopleOf(team string, all []Incident, p Period) People {
	out := People{Team: team}
	var acked, recovered []time.Duration
	for i := range all {
		in := &all[i]
		switch {
		case !in.Told:
		case in.within(p.Before()) && in.Severity == slo.Page:
			out.Before++
		case !in.within(p):
		case in.Severity != slo.Page:
			out.Tickets++
		default:
			out.Pages++
			out.Night += b2i(in.Night)
			out.Noise += b2i(in.Noise)
			if in.Acknowledged.IsZero() {
				out.Never++
			} else {
				acked = append(acked, max(0, in.Acknowledged.Sub(in.Opened)))
			}
			if in.Closed.IsZero() {
				out.Open++
			} else {
				recovered = append(recovered, max(0, in.Closed.Sub(in.Started)))
			}
		}
	}
	out.Acknowledge, out.Recover = timesOf(acked), timesOf(recovered)
	return out
}
