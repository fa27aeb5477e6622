package runner

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
)

// maxBytes bounds a rule file.
const maxBytes = 8 << 20

// Set is the rules of files, read and checked as a whole.
type Set struct {
	files  []string // in order
	groups map[string]*rulefmt.RuleGroups
	text   map[string]string
}

// Len returns how many groups the set has.
func (s Set) Len() int {
	n := 0
	for _, g := range s.groups {
		n += len(g.Groups)
	}
	return n
}

// Read reads rule files. What is wrong in any of them comes back at once as
// findings, each with its line; a set with findings is not to be run. The error is for
// a file that can't be read.
func Read(files []string) (Set, slo.Findings, error) {
	s := Set{groups: map[string]*rulefmt.RuleGroups{}, text: map[string]string{}}
	var findings slo.Findings
	for _, file := range files {
		data, err := readFile(file)
		if err != nil {
			return Set{}, nil, fmt.Errorf("read rule file: %w", err)
		}
		if len(data) > maxBytes {
			findings = append(findings, finding(file, 0, 0, "the file is larger than 8 MiB", "split it"))
			continue
		}
		groups, found := parse(file, data)
		findings = append(findings, found...)
		s.files, s.groups[file], s.text[file] = append(s.files, file), groups, string(data)
	}
	return s, findings, nil
}

func readFile(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	return data, errors.Join(err, f.Close())
}

// parse reads one file, as Prometheus does, and adds what only Burnline refuses.
func parse(file string, data []byte) (*rulefmt.RuleGroups, slo.Findings) {
	groups, errs := rulefmt.Parse(data, false, model.UTF8Validation, parser.NewParser(parser.Options{}), slog.New(slog.DiscardHandler))
	var findings slo.Findings
	for _, err := range errs {
		for _, f := range located(file, err) {
			if !slices.Contains(findings, f) { // bad YAML is read twice, and told twice
				findings = append(findings, f)
			}
		}
	}
	if groups == nil {
		return &rulefmt.RuleGroups{}, findings
	}
	for _, g := range groups.Groups {
		if g.Interval < 0 {
			findings = append(findings, finding(file, 0, 0, fmt.Sprintf("group %q has a negative interval", g.Name), "write one such as 1m"))
		}
		for i, r := range g.Rules {
			if own(r.Record) {
				findings = append(findings, finding(file, 0, 0,
					fmt.Sprintf("rule %d of group %q records %s, which Burnline records itself", i+1, g.Name, r.Record),
					"record another name; what burnline rules writes is for a Prometheus without Burnline"))
			}
		}
	}
	return groups, findings
}

// own reports whether Burnline writes series of this name itself.
func own(name string) bool {
	switch name {
	case "slo_events_total", "slo_objective_ratio", "slo_error_ratio", "slo_burn_rate", "slo_error_budget_remaining_ratio", "slo_status", "slo_info", slo.SpanEvents:
		return true
	}
	return false
}

// The places that Prometheus' errors begin with or hold: 12:5: and line 12:.
var (
	position = regexp.MustCompile(`^(\d+):(\d+): `)
	atLine   = regexp.MustCompile(`line (\d+): `)
)

// located turns an error of Prometheus' reader into findings at their lines; a YAML
// error may hold several.
func located(file string, err error) slo.Findings {
	text := err.Error()
	if at := position.FindStringSubmatch(text); at != nil {
		line, _ := strconv.Atoi(at[1]) // digits, as matched
		column, _ := strconv.Atoi(at[2])
		return slo.Findings{finding(file, line, column, strings.TrimPrefix(text, at[0]), "")}
	}
	var findings slo.Findings
	for part := range strings.SplitSeq(text, "\n") {
		part = strings.TrimSpace(part)
		if part == "" || strings.HasSuffix(part, "unmarshal errors:") {
			continue
		}
		line := 0
		if at := atLine.FindStringSubmatchIndex(part); at != nil {
			line, _ = strconv.Atoi(part[at[2]:at[3]])
			part = part[:at[0]] + part[at[1]:]
		}
		findings = append(findings, finding(file, line, 0, strings.TrimPrefix(part, "yaml: "), ""))
	}
	return findings
}

func finding(file string, line, column int, message, instead string) slo.Finding {
	return slo.Finding{
		Source: slo.Source{File: file, Line: line}, Column: column, Level: slo.LevelError, Message: message, Instead: instead,
	}
}
