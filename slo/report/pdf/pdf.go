package pdf

import (
	"fmt"
	"io"
	"strings"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"

	"burnline/slo/report"
)

// The page, in millimetres.
const (
	margin = 14.0
	width  = 210 - 2*margin
	bottom = 16.0
)

// page writes one report.
type page struct {
	*fpdf.Fpdf
	r    *report.Report
	zone *time.Location
}

// colour is red, green and blue.
type colour [3]int

// The colours are those of the page.
func ink() colour    { return colour{22, 24, 29} }
func dim() colour    { return colour{86, 92, 103} }
func line() colour   { return colour{201, 201, 195} }
func good() colour   { return colour{10, 116, 88} }
func risk() colour   { return colour{184, 50, 6} }
func gone() colour   { return colour{132, 36, 111} }
func amber() colour  { return colour{119, 84, 0} }
func silent() colour { return colour{185, 185, 178} }

// Write writes a report as PDF. The same report gives the same bytes.
func Write(w io.Writer, r *report.Report) error {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return fmt.Errorf("write the report as PDF: %w", err)
	}
	p := &page{Fpdf: fpdf.New("P", "mm", "A4", ""), r: r, zone: zone}
	p.SetCatalogSort(true)
	p.SetCreationDate(r.Made)
	p.SetModificationDate(r.Made)
	p.SetTitle("Reliability report: "+r.Title(), true)
	p.SetProducer("Burnline", true)
	p.SetMargins(margin, margin, margin)
	p.SetAutoPageBreak(true, bottom)
	p.AddUTF8FontFromBytes("go", "", goregular.TTF)
	p.AddUTF8FontFromBytes("go", "B", gobold.TTF)
	p.AliasNbPages("{pages}")
	p.SetFooterFunc(p.footer)
	p.AddPage()
	p.head()
	p.figures()
	p.matrix()
	p.calendar()
	p.consumers()
	p.incidents()
	p.people()
	p.exhaustion()
	p.unknown()
	p.promises()
	p.slos()
	if err := p.Output(w); err != nil {
		return fmt.Errorf("write the report as PDF: %w", err)
	}
	return nil
}

func (p *page) ink(c colour) { p.SetTextColor(c[0], c[1], c[2]) }

func (p *page) fill(c colour) { p.SetFillColor(c[0], c[1], c[2]) }

// footer stands on every page.
func (p *page) footer() {
	p.SetY(-11)
	p.SetFont("go", "", 7.5)
	p.ink(dim())
	p.CellFormat(width/2, 4, legible("Burnline: "+p.r.Title()), "", 0, "L", false, 0, "")
	p.CellFormat(width/2, 4, fmt.Sprintf("%d of {pages}", p.PageNo()), "", 0, "R", false, 0, "")
}

// head are the three sentences, and what the report is.
func (p *page) head() {
	for i, s := range p.r.Sentences {
		p.ink(ink())
		if i == 0 {
			p.SetFont("go", "B", 14)
			p.MultiCell(width, 6.6, legible(s), "", "L", false)
			p.Ln(1.5)
			continue
		}
		p.SetFont("go", "", 10)
		p.MultiCell(width, 5, legible(s), "", "L", false)
		p.Ln(1)
	}
	const form = "2 Jan 2006 15:04"
	scope := "all teams"
	if p.r.Team != "" {
		scope = "team " + p.r.Team
	}
	standing := "not closed, figures up to " + p.r.Made.In(p.zone).Format(form)
	if p.r.Revision > 0 {
		standing = fmt.Sprintf("revision %d of %s: %s", p.r.Revision, p.r.Made.In(p.zone).Format(form), p.r.Reason)
	}
	p.note(fmt.Sprintf("%s – %s (%s), %s; %s.", p.r.Period.From.In(p.zone).Format(form), p.r.Period.To.In(p.zone).Format(form), p.r.Zone, scope, standing))
	if len(p.r.Differences) > 0 {
		p.title("What this revision changes")
		for _, d := range p.r.Differences {
			p.paragraph(d.Words)
		}
	}
}

// title begins a part; it never stands alone at the end of a page.
func (p *page) title(s string) {
	_, high := p.GetPageSize()
	if p.GetY() > high-bottom-28 {
		p.AddPage()
	}
	p.Ln(4.5)
	p.SetFont("go", "B", 10.5)
	p.ink(ink())
	p.CellFormat(width, 6, legible(s), "", 1, "L", false, 0, "")
}

func (p *page) note(s string) {
	p.SetFont("go", "", 8)
	p.ink(dim())
	p.MultiCell(width, 4, legible(s), "", "L", false)
}

func (p *page) paragraph(s string) {
	p.SetFont("go", "", 8.5)
	p.ink(ink())
	p.MultiCell(width, 4.4, legible(s), "", "L", false)
}

// legible replaces what the font has no letter for, and keeps text from running away.
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r', r == '\u00a0', r == '\u202f':
			return ' '
		case r < ' ', r == 0x7f, r > 0x2bff && r != '\ufffd', r >= 0x0530 && r < 0x1e00:
			return '\ufffd'
		}
		return r
	}, s)
}
