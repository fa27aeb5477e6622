package report

import "fmt"

// PastMonth is how one SLO kept its promise in a month of the calendar.
type PastMonth struct {
	// Month is its name, as that of Report.Calendar: 2026-10.
	Month string `json:"month"`
	// State and Spent are of the corrected side, Spent as Side.Spent; nil where nothing is known.
	State State    `json:"state"`
	Spent *float64 `json:"budget_spent"`
}

func pastOf(month string, s *Stretch) PastMonth {
	p := PastMonth{Month: month, State: s.Corrected.State}
	if !s.Corrected.Unknown() {
		p.Spent = &s.Corrected.Spent
	}
	return p
}

// PastScore is the score of a team in a month of the calendar.
type PastScore struct {
	Month string `json:"month"`
	// Score is corrected, 0–100; nil where nothing was promised or is known.
	Score *float64 `json:"score"`
}

// Bar is one month in the small picture of a past.
type Bar struct {
	// High is its height: 0–1 of the picture.
	High float64
	// Look is as those of days: by it a bar has its shape and colour.
	Look DayLook
	// Words say what it shows: "2026-10 12 %".
	Words string
}

// SpentTop is the share of a budget that fills the picture of an SLO's past. All that is more is cut there,
// so that one bad month does not flatten the others; 1, which is all of it, has room below.
const SpentTop = 1.5

// lowest is the height of a bar that is known: that of nothing spent can be seen too.
const lowest = 0.06

// SpentBars draws the shares of the budget that an SLO spent in each month.
func SpentBars(past []PastMonth) []Bar {
	bars := make([]Bar, len(past))
	for i, p := range past {
		bars[i] = Bar{Look: DayUnknown, Words: fmt.Sprintf("%s %s", p.Month, NoData)}
		if p.Spent == nil {
			continue
		}
		bars[i] = Bar{High: max(lowest, min(*p.Spent, SpentTop)/SpentTop), Look: DayKept, Words: fmt.Sprintf("%s %s", p.Month, Percent(100**p.Spent))}
		switch p.State {
		case Missed:
			bars[i].Look = DayMissed
		case Partly:
			bars[i].Look = DaySome
		}
	}
	return bars
}

// ScoreBars draws a score in each month, with the looks that days of the calendar have.
func ScoreBars(past []PastScore) []Bar {
	bars := make([]Bar, len(past))
	for i, p := range past {
		if p.Score == nil {
			bars[i] = Bar{Look: DayUnknown, Words: p.Month + " unknown"}
			continue
		}
		bars[i] = Bar{High: max(lowest, *p.Score/100), Look: scoreLook(*p.Score), Words: p.Month + " " + Percent(*p.Score)}
	}
	return bars
}

// pastOfTeam is the score of a team's own SLOs, month by month.
func (m *Maker) pastOfTeam(team string) []PastScore {
	past := make([]PastScore, len(m.months))
	for i := range m.months {
		past[i].Month = m.months[i].Name
		if t := m.months[i].teams[team]; t != nil {
			past[i].Score = knownScore(t.Corrected, t.score())
		}
	}
	return past
}

// knownScore is a score, or nil where nothing is known of what was promised: a drawn 0 means missed.
func knownScore(s States, score Score) *float64 {
	if s.Kept+s.Missed+s.Partly == 0 {
		return nil
	}
	return score.Corrected
}

// somewhat is the least score of a day or month that is not wholly lost.
const somewhat = 75

func scoreLook(score float64) DayLook {
	switch {
	case score >= 100:
		return DayKept
	case score >= somewhat:
		return DaySome
	}
	return DayMissed
}
