package csvfile

import (
	"fmt"
	"slices"
	"strings"

	"burnline/slo"
)

// Columns says which columns hold what; every name is optional. A name that is given has to
// be in the header, a default is used where it is.
type Columns struct {
	// Failed says, in a file of single events, whether one failed; default failed.
	Failed string
	// Bad and Total count the events of a line; defaults bad and total.
	Bad, Total string
	// BaselineBad and BaselineTotal count those of before; defaults baseline_bad and baseline_total.
	BaselineBad, BaselineTotal string
	// Before says whether the events of a line happened before; default before.
	Before string
	// Attributes are the columns that are compared, those that say most to people first;
	// default all that are left, as they stand.
	Attributes []string
	// Ignore are columns that are not compared, such as a time.
	Ignore []string
}

// layout is where in a line things stand; −1 is nowhere.
type layout struct {
	width                                                  int
	failed, bad, total, baselineBad, baselineTotal, before int
	attributes                                             []int
	names                                                  []string
}

// layout reads the header. It returns everything that is wrong with it.
func (c Columns) layout(header []string) (layout, []string) {
	l := layout{width: len(header)}
	var wrong []string
	for i, name := range header {
		switch {
		case name == "":
			wrong = append(wrong, fmt.Sprintf("column %d has no name; name it, or take it out", i+1))
		case slices.Index(header, name) < i:
			wrong = append(wrong, fmt.Sprintf("there are two columns %q; rename one", name))
		}
	}
	find := func(given, usual, flag string) int {
		name := given
		if name == "" {
			name = usual
		}
		at := slices.Index(header, name)
		if at < 0 && given != "" {
			wrong = append(wrong, fmt.Sprintf("there is no column %q as %s says; the header has %s", given, flag, quoted(header)))
		}
		return at
	}
	l.failed, l.before = find(c.Failed, "failed", "--failed"), find(c.Before, "before", "--before")
	l.bad, l.total = find(c.Bad, "bad", "--bad"), find(c.Total, "total", "--total")
	l.baselineBad = find(c.BaselineBad, "baseline_bad", "--baseline-bad")
	l.baselineTotal = find(c.BaselineTotal, "baseline_total", "--baseline-total")
	wrong = append(wrong, l.counts(c, len(wrong) > 0)...)
	for _, name := range slices.Concat(c.Attributes, c.Ignore) {
		if !slices.Contains(header, name) {
			wrong = append(wrong, fmt.Sprintf("there is no column %q to compare or to ignore; the header has %s", name, quoted(header)))
		}
	}
	used := []int{l.failed, l.bad, l.total, l.baselineBad, l.baselineTotal, l.before}
	compared := c.Attributes
	if len(compared) == 0 {
		compared = header
	}
	for _, name := range compared {
		if i := slices.Index(header, name); i >= 0 && !slices.Contains(used, i) && !slices.Contains(c.Ignore, name) {
			l.attributes = append(l.attributes, i)
			l.names = append(l.names, name)
		}
	}
	if len(l.attributes) == 0 && len(wrong) == 0 {
		wrong = append(wrong, "no column is left to compare; add columns such as region or route")
	}
	return l, wrong
}

// counts settles how events are counted: one way or the other.
func (l *layout) counts(c Columns, already bool) []string {
	if l.failed >= 0 && c.Bad == "" && c.Total == "" && (c.Failed != "" || l.total < 0) {
		l.bad, l.total = -1, -1 // of single events, whatever the others are
	} else if l.bad >= 0 && l.total >= 0 && c.Failed == "" {
		l.failed = -1
	} else if already {
		return nil
	} else if c.Failed != "" {
		return []string{"--failed is for single events, --bad and --total for counts: write one or the other"}
	} else {
		return []string{`nothing says what failed; name a column of single events by --failed, or two of counts by --bad and --total`}
	}
	if (l.baselineBad < 0) != (l.baselineTotal < 0) {
		return []string{"of baseline_bad and baseline_total only one is there; write both, or neither"}
	}
	if l.before >= 0 && l.baselineTotal >= 0 {
		return []string{"events of before are told by --before or by --baseline-bad and --baseline-total: write one or the other"}
	}
	return nil
}

func quoted(header []string) string {
	const most = 20
	some := header[:min(len(header), most)]
	text := fmt.Sprintf("%q", some)
	if len(header) > most {
		text = strings.TrimSuffix(text, "]") + " …]"
	}
	return text
}

// problem is a finding in a file.
func problem(file string, line int, field, message, instead string) slo.Finding {
	return slo.Finding{Source: slo.Source{File: file, Line: line}, Path: field, Level: slo.LevelError, Message: message, Instead: instead}
}
