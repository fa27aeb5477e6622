package pdf

import (
	"strings"

	"burnline/slo/report"
)

// column is one column of a table: its heading, its width in millimetres, and whether it holds
// numbers.
type column struct {
	name   string
	wide   float64
	number bool
}

// cell is one cell; bold and coloured where it says so, with the bars of a past instead of text.
type cell struct {
	text string
	bold bool
	c    *colour
	bars []report.Bar
	// top is the share of the bars' height at which a line stands; 0 is none.
	top float64
}

// text makes plain cells.
func text(all ...string) []cell {
	cells := make([]cell, len(all))
	for i, s := range all {
		cells[i].text = s
	}
	return cells
}

const (
	rowHigh  = 4.1
	cellSize = 7.8
)

// table writes rows under headings, which every page repeats. Widths are shares of the page.
func (p *page) table(columns []column, rows [][]cell) {
	all := 0.0
	for _, c := range columns {
		all += c.wide
	}
	for i := range columns {
		columns[i].wide *= width / all
	}
	p.headings(columns)
	for _, row := range rows {
		p.row(columns, row)
	}
}

func (p *page) headings(columns []column) {
	p.SetFont("go", "", 7.2)
	p.ink(dim())
	for _, c := range columns {
		p.CellFormat(c.wide, rowHigh, legible(c.name), "", 0, align(c), false, 0, "")
	}
	p.Ln(rowHigh)
	p.rule()
}

func align(c column) string {
	if c.number {
		return "R"
	}
	return "L"
}

// rule draws a thin line over the page's width.
func (p *page) rule() {
	c := line()
	p.SetDrawColor(c[0], c[1], c[2])
	p.SetLineWidth(0.15)
	p.Line(margin, p.GetY(), margin+width, p.GetY())
	p.SetY(p.GetY() + 0.6)
}

// mostLines bounds how high one cell grows.
const mostLines = 4

// row writes one row, as high as its highest cell.
func (p *page) row(columns []column, cells []cell) {
	lines := make([][]string, len(cells))
	high := 1
	for i, c := range cells {
		p.style(c)
		lines[i] = p.broken(c.text, columns[i].wide-1.5)
		high = max(high, len(lines[i]))
	}
	_, page := p.GetPageSize()
	if p.GetY()+float64(high)*rowHigh > page-bottom {
		p.AddPage()
		p.headings(columns)
	}
	top, x := p.GetY(), margin
	for i, c := range cells {
		p.style(c)
		p.bars(c, x, top)
		for j, s := range lines[i] {
			p.SetXY(x, top+float64(j)*rowHigh)
			p.CellFormat(columns[i].wide-1.5, rowHigh, s, "", 0, align(columns[i]), false, 0, "")
		}
		x += columns[i].wide
	}
	p.SetXY(margin, top+float64(high)*rowHigh+0.3)
	p.rule()
}

func (p *page) style(c cell) {
	weight := ""
	if c.bold {
		weight = "B"
	}
	p.SetFont("go", weight, cellSize)
	if c.c != nil {
		p.ink(*c.c)
		return
	}
	p.ink(ink())
}

// broken breaks a text into lines that fit, words that are too long among them.
func (p *page) broken(s string, wide float64) []string {
	var lines []string
	for _, word := range strings.Fields(legible(s)) {
		for p.GetStringWidth(word) > wide && len([]rune(word)) > 1 {
			n := len([]rune(word)) - 1
			for n > 1 && p.GetStringWidth(string([]rune(word)[:n])) > wide {
				n--
			}
			lines = append(lines, string([]rune(word)[:n]))
			word = string([]rune(word)[n:])
			if len(lines) >= mostLines {
				return ended(lines)
			}
		}
		if n := len(lines); n > 0 && p.GetStringWidth(lines[n-1]+" "+word) <= wide {
			lines[n-1] += " " + word
			continue
		}
		lines = append(lines, word)
		if len(lines) > mostLines {
			return ended(lines)
		}
	}
	return lines
}

// ended cuts lines and says so.
func ended(lines []string) []string {
	lines = lines[:min(len(lines), mostLines)]
	last := []rune(lines[len(lines)-1])
	lines[len(lines)-1] = string(last[:max(0, len(last)-1)]) + "…"
	return lines
}

// bars draws the months of a past into a row: by height as well as by colour.
func (p *page) bars(c cell, x, top float64) {
	const wide, step, high = 1.2, 1.6, rowHigh - 0.5
	grey, bottom := silent(), top+high+0.2
	p.SetLineWidth(0.15)
	p.SetDrawColor(grey[0], grey[1], grey[2])
	for i, b := range c.bars {
		at := x + float64(i)*step
		if b.Look == report.DayUnknown {
			p.Rect(at, bottom-0.7, wide, 0.7, "D")
			continue
		}
		p.fill(lookColour(b.Look))
		p.Rect(at, bottom-high*b.High, wide, high*b.High, "F")
	}
	if c.top > 0 && len(c.bars) > 0 {
		p.Line(x, bottom-high*c.top, x+float64(len(c.bars))*step, bottom-high*c.top)
	}
}
