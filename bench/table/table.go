// Package table writes the result of a benchmark as a Markdown table.
package table

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Table is what one benchmark found out.
type Table struct {
	// Title is the heading; empty for none.
	Title string
	// Header names the columns.
	Header []string
	// Rows hold one cell per column; a short row is filled with empty cells.
	Rows [][]string
	// Notes follow the table as a list: what the figures mean and where those that
	// were not measured in this run come from.
	Notes []string
}

// Row adds one row; every cell is written as by fmt.Sprint.
func (t *Table) Row(cells ...any) {
	row := make([]string, len(cells))
	for i, c := range cells {
		row[i] = fmt.Sprint(c)
	}
	t.Rows = append(t.Rows, row)
}

// Note adds one note, formatted as by fmt.Sprintf.
func (t *Table) Note(format string, args ...any) {
	t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
}

// Write writes the table as Markdown, its columns aligned for those who read
// it in a terminal.
func (t *Table) Write(w io.Writer) error {
	var b strings.Builder
	if t.Title != "" {
		fmt.Fprintf(&b, "## %s\n\n", t.Title)
	}
	widths := t.widths()
	line(&b, t.Header, widths)
	b.WriteByte('|')
	for _, n := range widths {
		b.WriteString(strings.Repeat("-", n+2) + "|")
	}
	b.WriteByte('\n')
	for _, row := range t.Rows {
		line(&b, row, widths)
	}
	if len(t.Notes) > 0 {
		b.WriteByte('\n')
	}
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "- %s\n", n)
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// widths returns each column's width in runes.
func (t *Table) widths() []int {
	widths := make([]int, len(t.Header))
	for _, row := range append([][]string{t.Header}, t.Rows...) {
		for i, cell := range row[:min(len(row), len(widths))] {
			widths[i] = max(widths[i], utf8.RuneCountInString(escape(cell)))
		}
	}
	return widths
}

// line writes one row.
func line(b *strings.Builder, row []string, widths []int) {
	b.WriteByte('|')
	for i, n := range widths {
		cell := ""
		if i < len(row) {
			cell = escape(row[i])
		}
		b.WriteString(" " + cell + strings.Repeat(" ", n-utf8.RuneCountInString(cell)) + " |")
	}
	b.WriteByte('\n')
}

// escape keeps a cell within its column.
func escape(cell string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(cell)
}
