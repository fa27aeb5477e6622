package promql

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/prometheus/promql/parser"

	"burnline/slo"
)

// placeholder is what people write for a range that is filled in later.
var placeholder = regexp.MustCompile(`\{\{[^{}]*\}\}|\$\{[^{}]*\}|\$[A-Za-z_][A-Za-z0-9_]*`)

// maxQuery is the longest query that is read, in bytes.
const maxQuery = 10_000

// ranges knows which placeholder a range stands for: PromQL's parser takes
// durations only, so each placeholder is parsed as one that the query does not hold.
type ranges map[time.Duration]string

func (r ranges) text(d time.Duration) string {
	if placeholder, ok := r[d]; ok {
		return placeholder
	}
	return slo.FormatDuration(d)
}

// parse reads PromQL whose ranges may be placeholders: $window, ${window}, {{.window}}.
func parse(expr string) (tree parser.Expr, plain string, known ranges, err error) {
	if len(expr) > maxQuery {
		return nil, "", nil, no(fmt.Sprintf("the query is longer than %d characters", maxQuery), "use shorter regular expressions")
	}
	known = ranges{}
	names := map[string]string{}
	next := 7654321
	plain = inRanges(expr, func(placeholder string) string {
		key := strings.Join(strings.Fields(placeholder), "")
		if stands, ok := names[key]; ok {
			return stands
		}
		stands := fmt.Sprintf("%dms", next)
		for strings.Contains(expr, stands) {
			next++
			stands = fmt.Sprintf("%dms", next)
		}
		known[time.Duration(next)*time.Millisecond] = key
		names[key] = stands
		next++
		return stands
	})
	tree, err = parser.NewParser(parser.Options{}).ParseExpr(plain)
	if err != nil {
		return nil, "", nil, unparsedQuery(err)
	}
	return tree, plain, known, nil
}

// Placeholders returns the query with every placeholder of a range, such as
// {{ .window }}, $__range or ${window}, replaced by to. Everything else stays as it is written.
func Placeholders(expr, to string) string {
	return inRanges(expr, func(string) string { return to })
}

// inRanges replaces the placeholders that stand between [ and ], outside of quotes and comments.
func inRanges(expr string, replace func(placeholder string) string) string {
	var out strings.Builder
	for i := 0; i < len(expr); {
		switch c := expr[i]; c {
		case '"', '\'', '`':
			end := quoteEnd(expr, i)
			out.WriteString(expr[i:end])
			i = end
		case '#':
			end := len(expr)
			if n := strings.IndexByte(expr[i:], '\n'); n >= 0 {
				end = i + n
			}
			out.WriteString(expr[i:end])
			i = end
		case '[':
			end := strings.IndexByte(expr[i:], ']')
			if end < 0 {
				out.WriteString(expr[i:])
				return out.String()
			}
			out.WriteString(placeholder.ReplaceAllStringFunc(expr[i:i+end], replace))
			i += end
		default:
			out.WriteByte(c)
			i++
		}
	}
	return out.String()
}

// quoteEnd returns where the quoted text that begins at i ends.
func quoteEnd(expr string, i int) int {
	for j := i + 1; j < len(expr); j++ {
		switch {
		case expr[j] == '\\' && expr[i] != '`':
			j++
		case expr[j] == expr[i]:
			return j + 1
		}
	}
	return len(expr)
}

// Increases returns a query of counters as they stand with every selector as its increase over to, a
// duration or a placeholder such as $window. Where a range stands, it becomes to. A subquery, which has ranges
// of its own, is an error.
func Increases(expr, to string) (string, error) {
	tree, plain, _, err := parse(expr)
	if err != nil {
		return "", err
	}
	var edits []edit
	var refused error
	parser.Inspect(tree, func(n parser.Node, path []parser.Node) error {
		switch n := n.(type) {
		case *parser.SubqueryExpr:
			refused = no("a subquery has ranges of its own", "write the query without one")
		case *parser.MatrixSelector:
			open := strings.LastIndexByte(plain[:n.EndPos], '[')
			closed := open + strings.IndexByte(plain[open:], ']')
			edits = append(edits, edit{open + 1, closed, to})
		case *parser.VectorSelector:
			if ranged(path) {
				return nil
			}
			if n.OriginalOffset != 0 || n.Timestamp != nil || n.StartOrEnd != 0 {
				refused = no("events are counted when they happen", "remove offset and @")
			}
			at := n.PositionRange()
			edits = append(edits, edit{int(at.Start), int(at.Start), "increase("}, edit{int(at.End), int(at.End), "[" + to + "])"})
		}
		return nil
	})
	if refused == nil && len(edits) == 0 {
		refused = no("no counter stands in the query", "write the selector of one")
	}
	if refused != nil {
		return "", refused
	}
	return edited(plain, edits), nil
}

// ranged reports whether the innermost node of the path is a range selector.
func ranged(path []parser.Node) bool {
	if len(path) == 0 {
		return false
	}
	_, is := path[len(path)-1].(*parser.MatrixSelector)
	return is
}

// edit replaces a piece of text.
type edit struct {
	from, to int
	with     string
}

func edited(text string, edits []edit) string {
	slices.SortStableFunc(edits, func(a, b edit) int { return a.from - b.from })
	var out strings.Builder
	at := 0
	for _, e := range edits {
		out.WriteString(text[at:e.from] + e.with)
		at = e.to
	}
	return out.String() + text[at:]
}

// unparsedQuery words an error of the PromQL parser.
func unparsedQuery(err error) error {
	return no("this is no PromQL, "+parserMessage(err), "write one query, such as sum(rate(requests_total[5m]))")
}
