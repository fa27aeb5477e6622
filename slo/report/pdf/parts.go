package pdf

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo/report"
)

// figures are the report's figures, each corrected, raw, and before.
func (p *page) figures() {
	p.title("Figures")
	var rows [][]cell
	for _, f := range p.r.Figures() {
		rows = append(rows, []cell{{text: f.Name}, {text: f.Corrected, bold: true}, {text: f.Raw}, {text: f.Before}, {text: f.How, c: ptr(dim())}})
	}
	p.table([]column{{"Figure", 20, false}, {"Corrected", 13, true}, {"Raw", 13, true}, {"Before", 13, true}, {"   How it is computed", 41, false}}, rows)
}

func ptr(c colour) *colour { return &c }

// matrix is health by team and tier: a bar and the counts in each cell.
func (p *page) matrix() {
	p.title("Health by team and tier")
	if len(p.r.Matrix) == 0 {
		p.paragraph("No SLO was in force.")
		return
	}
	columns := []column{{"Team", 18, false}}
	for _, t := range p.r.Tiers {
		columns = append(columns, column{report.TierName(t), 68 / float64(len(p.r.Tiers)), false})
	}
	columns = append(columns, column{"Score, 12 months", 14, false})
	var rows [][]cell
	for _, m := range p.r.Matrix {
		row := []cell{{text: report.TeamName(m.Team), bold: true}}
		for _, c := range m.Cells {
			row = append(row, cell{text: c.Words(), c: ptr(healthColour(c.Worst()))})
		}
		rows = append(rows, append(row, cell{bars: report.ScoreBars(m.Past)}))
	}
	p.table(columns, rows)
}

func healthColour(h report.Health) colour {
	switch h {
	case report.Healthy:
		return good()
	case report.AtRisk:
		return risk()
	case report.Exhausted:
		return gone()
	}
	return dim()
}

// calendar draws twelve months: a line for each, a box for each day.
func (p *page) calendar() {
	const box, gap, names = 4.0, 0.7, 17.0
	p.title("Twelve months")
	_, high := p.GetPageSize()
	if p.GetY()+float64(len(p.r.Calendar))*(box+gap) > high-bottom {
		p.AddPage()
	}
	top := p.GetY()
	for i, m := range p.r.Calendar {
		y := top + float64(i)*(box+gap)
		p.SetFont("go", "", 7)
		p.ink(dim())
		p.SetXY(margin, y)
		p.CellFormat(names, box, m.Name, "", 0, "L", false, 0, "")
		for _, d := range m.Days {
			at, err := time.Parse(time.DateOnly, d.Date)
			if err == nil {
				p.day(margin+names+float64(at.Day()-1)*(box+gap), y, box, d.Look())
			}
		}
		p.ink(ink())
		p.SetXY(margin+names+31*(box+gap), y)
		p.CellFormat(16, box, points(m.Score.Corrected), "", 0, "R", false, 0, "")
	}
	p.SetXY(margin, top+float64(len(p.r.Calendar))*(box+gap)+1)
	p.note("A full box is a day on which every objective was kept, a bar most of what was promised, a cross less; an open box is a day of which nothing is known.")
}

// day draws one box: by shape as well as by colour.
func (p *page) day(x, y, size float64, look report.DayLook) {
	p.SetLineWidth(0.25)
	if look == report.DayUnknown {
		c := silent()
		p.SetDrawColor(c[0], c[1], c[2])
		p.Rect(x+0.15, y+0.15, size-0.3, size-0.3, "D")
		return
	}
	p.fill(lookColour(look))
	p.Rect(x, y, size, size, "F")
	p.SetDrawColor(255, 255, 255)
	p.SetLineWidth(0.45)
	switch look {
	case report.DaySome:
		p.Line(x+1, y+size/2, x+size-1, y+size/2)
	case report.DayMissed:
		p.Line(x+1, y+1, x+size-1, y+size-1)
		p.Line(x+size-1, y+1, x+1, y+size-1)
	}
}

func lookColour(look report.DayLook) colour {
	switch look {
	case report.DayKept:
		return good()
	case report.DaySome:
		return amber()
	}
	return gone()
}

func points(v *float64) string {
	if v == nil {
		return "–"
	}
	return report.Percent(*v)
}

func (p *page) consumers() {
	p.title("Where the budgets went")
	if len(p.r.Consumers) == 0 {
		p.paragraph("Nothing failed that is known of.")
		return
	}
	var rows [][]cell
	for _, id := range p.r.Consumers {
		i := slices.IndexFunc(p.r.SLOs, func(l report.Line) bool { return l.ID == id })
		if i < 0 {
			continue
		}
		l := &p.r.SLOs[i]
		var days []string
		for _, in := range p.r.Incidents {
			if in.SLO == id || slices.Contains(in.SLOs, id) {
				days = append(days, in.Started.In(p.zone).Format("2 Jan"))
			}
		}
		rows = append(rows, []cell{{text: id}, {text: report.TeamName(l.Team)}, {text: report.Percent(100 * l.Corrected.Spent), bold: true}, {text: report.Percent(100 * l.Raw.Spent)},
			{text: report.Count(l.Corrected.Bad)}, {text: report.Count(l.Raw.Bad)}, spentPast(l), {text: "  " + strings.Join(days[:min(len(days), 6)], ", ")}})
	}
	p.table([]column{{"SLO", 30, false}, {"Team", 14, false}, {"Budget spent", 12, true}, {"Raw", 10, true}, {"Failed", 9, true}, {"Raw", 9, true}, {"12 months", 13, false}, {"  Incidents", 14, false}}, rows)
}

// spentPast is a cell with what an SLO spent of its budget in each month, under the line of all of it.
func spentPast(l *report.Line) cell {
	return cell{bars: report.SpentBars(l.Past), top: 1 / report.SpentTop}
}

// mostIncidents and mostSLOs bound the tables; the other files have all.
const (
	mostIncidents = 50
	mostSLOs      = 1000
)

func (p *page) incidents() {
	p.title("Incidents, the worst first")
	if len(p.r.Incidents) == 0 {
		p.paragraph("There was none.")
		return
	}
	var rows [][]cell
	for _, in := range p.r.Incidents[:min(len(p.r.Incidents), mostIncidents)] {
		name := in.Title
		if name == "" {
			name = in.SLO
		}
		lasted := report.Length(in.Closed.Sub(in.Started))
		if in.Closed.IsZero() {
			lasted = "open"
		}
		row := text(name, report.TeamName(in.Team), string(in.Severity), in.Started.In(p.zone).Format("2 Jan 15:04"), lasted, report.Count(in.Bad), report.Percent(100*in.Spent))
		if p.r.Cost.Priced > 0 {
			row = append(row, cell{text: p.r.CostOf(in.Cost)})
		}
		rows = append(rows, row)
	}
	columns := []column{{"What", 30, false}, {"Team", 14, false}, {"Severity", 9, false}, {"Started", 14, false}, {"Lasted", 12, false}, {"Failed", 9, true}, {"Of the budget", 12, true}}
	if p.r.Cost.Priced > 0 {
		columns = append(columns, column{"Cost", 12, true})
	}
	p.table(columns, rows)
	if more := len(p.r.Incidents) - mostIncidents; more > 0 {
		p.note(fmt.Sprintf("%d more are in the JSON file.", more))
	}
}

func (p *page) people() {
	p.title("What teams were asked for")
	var rows [][]cell
	for _, one := range append(slices.Clone(p.r.People), p.r.All) {
		name := report.TeamName(one.Team)
		if len(rows) == len(p.r.People) {
			name = "All"
		}
		rows = append(rows, text(name, fmt.Sprint(one.Pages), fmt.Sprint(one.Before), fmt.Sprint(one.Night), fmt.Sprint(one.Noise), fmt.Sprint(one.Tickets),
			"  "+times(one.Acknowledge), fmt.Sprint(one.Never), "  "+times(one.Recover)))
	}
	p.table([]column{{"Team", 16, false}, {"Pages", 7, true}, {"Before", 7, true}, {"At night", 7, true}, {"Noise", 6, true}, {"Tickets", 7, true}, {"  Until acknowledged", 22, false}, {"Never", 7, true}, {"  Until recovered", 21, false}}, rows)
}

func times(t report.Times) string {
	if t.Count == 0 {
		return "–"
	}
	return report.Length(t.Median) + ", at worst " + report.Length(t.Worst)
}

func (p *page) exhaustion() {
	if !p.r.Running || len(p.r.Exhaustion) == 0 {
		return
	}
	p.title("Budgets that are gone, or soon will be")
	var rows [][]cell
	for _, e := range p.r.Exhaustion[:min(len(p.r.Exhaustion), mostIncidents)] {
		when := report.Length(e.GoneIn)
		if e.Spent {
			when = "already gone"
		}
		rows = append(rows, text(e.ID+" "+strings.Trim(e.Group.String(), "{}"), report.TeamName(e.Team), report.Percent(100*e.Remaining), when))
	}
	p.table([]column{{"SLO", 50, false}, {"Team", 20, false}, {"Left", 15, true}, {"Gone in", 15, true}}, rows)
}

// unknown is what nobody can tell.
func (p *page) unknown() {
	p.title("What nobody can tell")
	c := p.r.Coverage
	services := "not looked at for this scope"
	if c.Services {
		services = some(c.Uncovered)
	}
	p.table([]column{{"", 28, false}, {"", 72, false}}, [][]cell{
		text("SLOs without any data", some(c.NoData)), text("SLOs with hours without data", some(c.Gaps)),
		text("SLOs without a team", some(c.Unowned)), text("Services without an SLO", services),
	})
}

// some names up to a dozen.
func some(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	s := strings.Join(names[:min(len(names), 12)], ", ")
	if more := len(names) - 12; more > 0 {
		s += fmt.Sprintf(" and %d more", more)
	}
	return s
}

// promises are those that changed, and what corrections took out.
func (p *page) promises() {
	p.title("Promises that changed")
	if len(p.r.Changes) == 0 {
		p.paragraph("None was lowered, added or removed.")
	}
	for i, c := range p.r.Changes {
		if i == 100 {
			p.note(fmt.Sprintf("%d more are in the JSON file.", len(p.r.Changes)-i))
			break
		}
		words := c.Kind
		if len(c.Words) > 0 {
			words += ": " + strings.Join(c.Words, "; ")
		}
		p.paragraph(fmt.Sprintf("%s, %s: %s", c.At.In(p.zone).Format("2 Jan 15:04"), c.SLO, words))
	}
	p.title("What corrections took out")
	if len(p.r.Exclusions) == 0 {
		p.paragraph("Nothing was taken out: corrected and raw figures are the same.")
		return
	}
	p.paragraph(fmt.Sprintf("%s events, %s of them failed.", report.Count(p.r.TakenOut.Total), report.Count(p.r.TakenOut.Bad())))
	var rows [][]cell
	for _, e := range p.r.Exclusions {
		rows = append(rows, text(e.Reason, e.Author, e.From.In(p.zone).Format("2 Jan 15:04"), e.To.In(p.zone).Format("2 Jan 15:04"), report.Count(e.Hours), fmt.Sprint(e.SLOs)))
	}
	p.table([]column{{"Reason", 38, false}, {"Author", 18, false}, {"From", 15, false}, {"To", 15, false}, {"Hours", 7, true}, {"SLOs", 7, true}}, rows)
}

func (p *page) slos() {
	p.title(fmt.Sprintf("All SLOs (%d)", len(p.r.SLOs)))
	var rows [][]cell
	for i := range p.r.SLOs[:min(len(p.r.SLOs), mostSLOs)] {
		l := &p.r.SLOs[i]
		state := cell{text: "  " + string(l.Corrected.State)}
		if l.Corrected.State == report.Missed {
			state.bold, state.c = true, ptr(gone())
		}
		row := text(l.ID, report.TeamName(l.Team), l.Tier, fmt.Sprintf("%g %%", l.Objective), l.Corrected.Words(), l.Raw.Words(), "", "  "+string(l.Raw.State), report.Count(l.Corrected.Missing))
		row[6] = state
		rows = append(rows, append(row, cell{}, spentPast(l)))
	}
	p.table([]column{{"SLO", 27, false}, {"Team", 13, false}, {"Tier", 5, false}, {"Objective", 9, true}, {"Attained", 10, true}, {"Raw", 10, true}, {"  State", 12, false}, {"  Raw", 10, false}, {"No data, h", 8, true}, {"", 1, false}, {"12 months", 13, false}}, rows)
	if more := len(p.r.SLOs) - mostSLOs; more > 0 {
		p.note(fmt.Sprintf("%d more are in the CSV file.", more))
	}
}
