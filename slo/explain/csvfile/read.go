package csvfile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"burnline/slo"
	"burnline/slo/explain"
)

const (
	// maxRows bounds what is held in memory, and maxFindings what is told of a file.
	maxRows     = 2_000_000
	maxFindings = 20
)

// Read reads a table; file is what it is called in errors. All that is wrong with it, up to 20
// lines, comes back as slo.Findings; any other error is that of reading.
func Read(r io.Reader, file string, c Columns) (explain.Table, error) {
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = in.Discard(3) // what was peeked at is there
	}
	lines := csv.NewReader(in)
	lines.ReuseRecord, lines.FieldsPerRecord = true, -1
	header, err := lines.Read()
	if errors.Is(err, io.EOF) {
		return explain.Table{}, slo.Findings{problem(file, 1, "", "it is empty", "write a header, such as region,route,bad,total")}
	}
	if err != nil {
		return explain.Table{}, unreadable(file, err)
	}
	names := make([]string, len(header))
	for i := range header {
		names[i] = strings.TrimSpace(header[i])
	}
	l, wrong := c.layout(names)
	if len(wrong) > 0 {
		var findings slo.Findings
		for _, message := range wrong {
			findings = append(findings, problem(file, 1, "", message, ""))
		}
		return explain.Table{}, findings
	}
	rd := &reading{file: file, layout: l, header: names, known: map[string]string{}}
	rd.table.Attributes = l.names
	if err := rd.all(lines); err != nil {
		return explain.Table{}, err
	}
	if len(rd.findings) > 0 {
		return explain.Table{}, rd.findings
	}
	return rd.table, nil
}

// reading reads the lines behind the header.
type reading struct {
	layout

	file     string
	header   []string
	table    explain.Table
	findings slo.Findings
	line     int
	// known holds each value once.
	known map[string]string
}

func (rd *reading) all(lines *csv.Reader) error {
	for {
		record, err := lines.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return unreadable(rd.file, err)
		}
		rd.line, _ = lines.FieldPos(0)
		if len(rd.table.Rows) == maxRows {
			return slo.Findings{problem(rd.file, rd.line, "", fmt.Sprintf("it has more than %d lines", maxRows), "count equal ones together, with columns bad and total")}
		}
		rd.row(record)
		if len(rd.findings) >= maxFindings {
			return rd.findings
		}
	}
	if len(rd.table.Rows) == 0 && len(rd.findings) == 0 {
		rd.findings = append(rd.findings, problem(rd.file, 1, "", "there is nothing behind the header", "write a line for each event or set of events"))
	}
	return nil
}

// row reads one line.
func (rd *reading) row(record []string) {
	if len(record) != rd.width {
		rd.wrong("", fmt.Sprintf("the line has %d fields, the header %d", len(record), rd.width), "write one for each column")
		return
	}
	var row explain.Row
	if rd.failed >= 0 {
		row.Total = 1
		if rd.flag(record, rd.failed) {
			row.Bad = 1
		}
	} else {
		row.Bad, row.Total = rd.numbers(record, rd.bad, rd.total)
	}
	if rd.baselineTotal >= 0 {
		row.BaselineBad, row.BaselineTotal = rd.numbers(record, rd.baselineBad, rd.baselineTotal)
	}
	if rd.before >= 0 && rd.flag(record, rd.before) {
		row.BaselineBad, row.BaselineTotal, row.Bad, row.Total = row.Bad, row.Total, 0, 0
	}
	row.Values = make([]string, len(rd.attributes))
	for i, at := range rd.attributes {
		value, ok := rd.known[record[at]]
		if !ok {
			value = strings.Clone(record[at])
			rd.known[value] = value
		}
		row.Values[i] = value
	}
	rd.table.Rows = append(rd.table.Rows, row)
}

// numbers reads bad and total events.
func (rd *reading) numbers(record []string, bad, total int) (b, t float64) {
	b, okBad := rd.number(record, bad)
	t, okTotal := rd.number(record, total)
	if okBad && okTotal && b > t {
		rd.wrong(rd.header[bad], fmt.Sprintf("%s of %s events failed", record[bad], record[total]), "the total counts the bad ones too")
	}
	return b, t
}

func (rd *reading) number(record []string, at int) (float64, bool) {
	v, err := strconv.ParseFloat(strings.TrimSpace(record[at]), 64)
	if err != nil || v < 0 || math.IsNaN(v) || math.IsInf(v, 0) {
		rd.wrong(rd.header[at], fmt.Sprintf("%.50q is no count", record[at]), "write a number such as 12")
		return 0, false
	}
	return v, true
}

func (rd *reading) flag(record []string, at int) bool {
	switch strings.ToLower(strings.TrimSpace(record[at])) {
	case "1", "true", "yes":
		return true
	case "0", "false", "no":
		return false
	}
	rd.wrong(rd.header[at], fmt.Sprintf("%.50q is neither yes nor no", record[at]), "write true or false")
	return false
}

func (rd *reading) wrong(field, message, instead string) {
	rd.findings = append(rd.findings, problem(rd.file, rd.line, field, message, instead))
}

// unreadable says what of the form of the file is wrong; an error of reading stays one.
func unreadable(file string, err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return fmt.Errorf("read %s: %w", file, err)
	}
	f := problem(file, parse.Line, "", parse.Err.Error(), `put a field that has quotes in it into quotes, and double them: "a ""b"" c"`)
	f.Column = parse.Column
	return slo.Findings{f}
}
