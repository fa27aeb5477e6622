package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// CSV writes a line for each SLO of the report, with the names of the columns before them.
func (r *Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{ // Flush tells of errors
		"period", "revision", "timezone", "slo", "service", "team", "tier", "journey", "objective_percent",
		"state", "state_raw", "state_before", "attained_percent", "attained_percent_raw",
		"good", "good_raw", "bad", "bad_raw", "total", "total_raw", "budget_spent", "budget_spent_raw",
		"hours", "hours_excluded", "hours_without_data", "hours_without_data_raw", "cost", "cost_raw", "currency", "incidents",
	})
	for i := range r.SLOs {
		l := &r.SLOs[i]
		incidents := 0
		for j := range r.Incidents {
			if r.Incidents[j].concerns(l.ID) {
				incidents++
			}
		}
		cells := []string{
			r.Period.Name, strconv.Itoa(r.Revision), r.Zone, l.ID, l.Service, l.Team, l.Tier, l.Journey, figure(l.Objective),
			string(l.Corrected.State), string(l.Raw.State), string(l.Before), attained(&l.Corrected), attained(&l.Raw),
			figure(l.Corrected.Good), figure(l.Raw.Good), figure(l.Corrected.Bad), figure(l.Raw.Bad), figure(l.Corrected.Total), figure(l.Raw.Total),
			figure(l.Corrected.Spent), figure(l.Raw.Spent), figure(l.Hours), figure(l.Excluded), figure(l.Corrected.Missing), figure(l.Raw.Missing),
			cost(l, &l.Corrected), cost(l, &l.Raw), r.Cost.Currency, strconv.Itoa(incidents),
		}
		for j := range cells {
			cells[j] = harmless(cells[j])
		}
		_ = out.Write(cells)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the report as CSV: %w", err)
	}
	return nil
}

// harmless keeps a table calculation from reading a text as a formula. Numbers stay numbers.
func harmless(s string) string {
	if first := strings.TrimLeft(s, " \t\r\n"); strings.IndexAny(first, "=+-@") != 0 && strings.IndexAny(s, "\t\r") != 0 {
		return s
	}
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return s
	}
	return "'" + s
}

// figure writes a number as short as it is exact, but for what rounding left.
func figure(v float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(v, 'f', 6, 64), "0"), ".")
}

// attained is empty where nothing is known, since 0 would be a figure.
func attained(s *Side) string {
	if s.Unknown() {
		return ""
	}
	return figure(s.Attained)
}

func cost(l *Line, s *Side) string {
	if l.Price == 0 {
		return ""
	}
	return figure(l.Price * s.Bad)
}

// Ended returns when a period of the report ended or, of a running one, up to when it tells.
func (r *Report) Ended() time.Time {
	if r.Running {
		return r.Made
	}
	return r.Period.To
}
