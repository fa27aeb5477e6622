package csvfile_test

import (
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"burnline/slo"
	"burnline/slo/explain"
	"burnline/slo/explain/csvfile"
)

func TestEventsAreReadAsTheyAreWritten(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		columns    csvfile.Columns
		attributes []string
		rows       []explain.Row
	}{
		{"counts", "region,bad,total\neu,3,10\nus,0,20\n", csvfile.Columns{}, []string{"region"},
			[]explain.Row{{Values: []string{"eu"}, Bad: 3, Total: 10}, {Values: []string{"us"}, Total: 20}}},
		{"counts with those of before", "bad,total,baseline_bad,baseline_total,region\n3,10,1,100,eu\n", csvfile.Columns{}, []string{"region"},
			[]explain.Row{{Values: []string{"eu"}, Bad: 3, Total: 10, BaselineBad: 1, BaselineTotal: 100}}},
		{"single events", "region,failed\neu,true\neu,No\n", csvfile.Columns{}, []string{"region"},
			[]explain.Row{{Values: []string{"eu"}, Bad: 1, Total: 1}, {Values: []string{"eu"}, Total: 1}}},
		{"single events of two times", "region,failed,before\neu,1,yes\neu,1,no\n", csvfile.Columns{}, []string{"region"},
			[]explain.Row{{Values: []string{"eu"}, BaselineBad: 1, BaselineTotal: 1}, {Values: []string{"eu"}, Bad: 1, Total: 1}}},
		{"columns of other names", "errors,requests,failed,zone\n1,2,x,a\n", csvfile.Columns{Bad: "errors", Total: "requests", Ignore: []string{"failed"}}, []string{"zone"},
			[]explain.Row{{Values: []string{"a"}, Bad: 1, Total: 2}}},
		{"only some attributes, in their order", "a,b,c,bad,total\n1,2,3,0,1\n", csvfile.Columns{Attributes: []string{"c", "a"}}, []string{"c", "a"},
			[]explain.Row{{Values: []string{"3", "1"}, Total: 1}}},
		{"a byte order mark, quotes, spaces and missing values", "\ufeff\"the region\",bad,total\n\"eu, west\", 1 ,2\n,0,3\n", csvfile.Columns{}, []string{"the region"},
			[]explain.Row{{Values: []string{"eu, west"}, Bad: 1, Total: 2}, {Values: []string{""}, Total: 3}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := csvfile.Read(strings.NewReader(c.text), "events.csv", c.columns)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Attributes, c.attributes) || fmt.Sprint(got.Rows) != fmt.Sprint(c.rows) {
				t.Errorf("read %+v, want %q with %v", got, c.attributes, c.rows)
			}
		})
	}
}

func TestWhatIsWrongIsToldWithItsLine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		columns    csvfile.Columns
		says       []string
	}{
		{"an empty file", "", csvfile.Columns{}, []string{"events.csv:1: it is empty; write a header"}},
		{"a header alone", "region,bad,total\n", csvfile.Columns{}, []string{"events.csv:1: there is nothing behind the header"}},
		{"all that is wrong at once", "region,bad,total\neu,x,1\neu,1\neu,-1,2\neu,3,2\n", csvfile.Columns{}, []string{
			`events.csv:2: bad: "x" is no count; write a number such as 12`, "events.csv:3: the line has 2 fields, the header 3; write one for each column",
			`events.csv:4: bad: "-1" is no count`, "events.csv:5: bad: 3 of 2 events failed; the total counts the bad ones too",
		}},
		{"lines within quotes are counted", "region,failed\n\"e\nu\",1\neu,maybe\n", csvfile.Columns{}, []string{`events.csv:4: failed: "maybe" is neither yes nor no; write true or false`}},
		{"a quote too many", "region,failed\ne\"u,1\n", csvfile.Columns{}, []string{"events.csv:2: bare \" in non-quoted-field; put a field"}},
		{"nothing says what failed", "region,route\neu,/\n", csvfile.Columns{}, []string{"nothing says what failed; name a column of single events by --failed"}},
		{"a column that is not there", "region,failed\neu,1\n", csvfile.Columns{Bad: "errors"}, []string{`there is no column "errors" as --bad says; the header has ["region" "failed"]`}},
		{"both ways of counting", "region,failed,bad,total\neu,1,1,1\n", csvfile.Columns{Failed: "failed", Bad: "bad"}, []string{"write one or the other"}},
		{"half of a baseline", "region,bad,total,baseline_bad\neu,1,1,1\n", csvfile.Columns{}, []string{"of baseline_bad and baseline_total only one is there"}},
		{"nothing to compare", "bad,total\n1,1\n", csvfile.Columns{}, []string{"no column is left to compare"}},
		{"columns without and with one name", "a,,a,bad,total\n1,1,1,1,1\n", csvfile.Columns{}, []string{"column 2 has no name", `there are two columns "a"`}},
		{"an unknown column to ignore", "a,bad,total\n1,1,1\n", csvfile.Columns{Ignore: []string{"b"}}, []string{`there is no column "b" to compare or to ignore`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := csvfile.Read(strings.NewReader(c.text), "events.csv", c.columns)
			var findings slo.Findings
			if !errors.As(err, &findings) {
				t.Fatalf("got %v, want findings", err)
			}
			for _, want := range c.says {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in\n%s", want, err)
				}
			}
		})
	}
	many := "region,failed\n" + strings.Repeat("eu,x\n", 1000)
	if _, err := csvfile.Read(strings.NewReader(many), "events.csv", csvfile.Columns{}); strings.Count(err.Error(), "\n") != 19 {
		t.Errorf("of a thousand wrong lines %d are told", 1+strings.Count(err.Error(), "\n"))
	}
}

// The example says what its own text says.
func TestTheExampleIsExplained(t *testing.T) {
	t.Parallel()
	f, err := os.Open("../../../examples/explain/checkout.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	table, err := csvfile.Read(f, "checkout.csv", csvfile.Columns{})
	if err != nil {
		t.Fatal(err)
	}
	alone := explain.Table{Attributes: table.Attributes, Rows: slices.Clone(table.Rows)}
	for i := range alone.Rows {
		alone.Rows[i].BaselineBad, alone.Rows[i].BaselineTotal = 0, 0
	}
	payments, search := `{route="/pay", version="2.4.1"}`, `{region="ap", route="/search"}`
	for _, c := range []struct {
		table explain.Table
		want  []string
	}{{table, []string{payments}}, {alone, []string{payments, search}}} {
		var got []string
		for _, e := range explain.Find(c.table, explain.Options{}).Explanations {
			got = append(got, e.Labels.String())
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

// Whatever is written, it is refused with a line, or it gives rows that can be explained.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"region,bad,total\neu,3,10\n", "region,failed,before\n\"e\nu\",1,no\n", "a,bad,total,baseline_bad,baseline_total\nx,1,2,0,1e300\n",
		"\ufeffa,a\n", "a,failed\n,\n", "bad,total,x\n0x1p-2,1,\xff\n",
	} {
		f.Add(text, "")
	}
	f.Fuzz(func(t *testing.T, text, failed string) {
		table, err := csvfile.Read(strings.NewReader(text), "f", csvfile.Columns{Failed: failed})
		if err != nil {
			if findings := (slo.Findings)(nil); !errors.As(err, &findings) || findings[0].Line < 1 || findings[0].Message == "" {
				t.Fatalf("%q: %v names no line", text, err)
			}
			return
		}
		for _, r := range table.Rows {
			if len(r.Values) != len(table.Attributes) || r.Bad > r.Total || r.BaselineBad > r.BaselineTotal {
				t.Fatalf("%q gives %+v", text, r)
			}
		}
		for _, e := range explain.Find(table, explain.Options{}).Explanations {
			if len(e.Labels) == 0 || math.IsNaN(e.Score) || e.Failed > e.Total {
				t.Fatalf("%q is explained by %+v", text, e)
			}
		}
	})
}
