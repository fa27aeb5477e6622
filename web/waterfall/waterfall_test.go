package waterfall

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// parse reads spans from lines of "id<parent from-to kind?", times in milliseconds; a ! marks a
// failed one. The service is the id.
func parse(t *testing.T, text string) []Span {
	t.Helper()
	var spans []Span
	for line := range strings.Lines(strings.TrimSpace(text)) {
		fields := strings.Fields(line)
		id, parent, _ := strings.Cut(strings.TrimSuffix(fields[0], "!"), "<")
		var from, to int64
		if _, err := fmt.Sscanf(fields[1], "%d-%d", &from, &to); err != nil {
			t.Fatal(err)
		}
		s := Span{ID: id, Parent: parent, Service: id, Name: id, Start: from * 1e6, End: to * 1e6, Failed: strings.HasSuffix(fields[0], "!")}
		if len(fields) > 2 {
			s.Kind = fields[2]
		}
		spans = append(spans, s)
	}
	return spans
}

// pathOf writes the critical path as id:from-to in the order of time.
func pathOf(tr *Trace) string {
	var parts []string
	for at := tr.Nodes[tr.Main].Start; ; {
		found := false
		for i := range tr.Nodes {
			for _, p := range tr.Nodes[i].Path {
				if p.From == at {
					parts = append(parts, fmt.Sprintf("%s:%d-%d", tr.Nodes[i].ID, p.From/1e6, p.To/1e6))
					at, found = p.To, true
				}
			}
		}
		if !found {
			return strings.Join(parts, " ")
		}
	}
}

func TestTheCriticalPath(t *testing.T) {
	for name, tc := range map[string]struct{ spans, want string }{
		"of one span is the span": {`a 0-100`, `a:0-100`},
		"goes through calls one after the other, and the time between is the caller's": {
			"a 0-100\nb<a 10-40\nc<a 50-90", `a:0-10 b:10-40 a:40-50 c:50-90 a:90-100`},
		"follows the slower one of two calls at the same time": {
			"a 0-100\nb<a 10-90\nc<a 10-60", `a:0-10 b:10-90 a:90-100`},
		"follows what ended before the last call began, not what still ran": {
			"a 0-100\nb<a 0-40\nc<a 10-70\nd<a 45-100", `b:0-40 a:40-45 d:45-100`},
		"goes down into calls of calls": {
			"a 0-100\nb<a 10-90\nc<b 20-80", `a:0-10 b:10-20 c:20-80 b:80-90 a:90-100`},
		"does not wait for a call that outlives its caller": {
			"a 0-50\nb<a 10-500", `a:0-50`},
		"does not wait for a call that began before its caller did, but for the rest of it": {
			"a 10-50\nb<a 0-30", `b:10-30 a:30-50`},
		"takes calls that overlap a little as one after the other": {
			"a 0-100\nb<a 0-51\nc<a 50-100", `b:0-50 c:50-100`},
		"stays in the caller where a call took no time": {
			"a 0-100\nb<a 50-50", `a:0-100`},
		"of a trace without a root is that of its longest part": {
			"b<x 0-10\nc<x 0-100\nd<c 10-100", `c:0-10 d:10-100`},
		"is that of the root and not of what was started by it and ran on alone": {
			"a 0-10\nb<missing 0-100", `a:0-10`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := pathOf(Build(parse(t, tc.spans))); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestThePartsOfThePathAlwaysAddUpToTheMainSpan(t *testing.T) {
	for seed := range uint64(300) {
		random := rand.New(rand.NewPCG(seed, 1))
		spans := []Span{{ID: "0", Start: 0, End: 1000}}
		for i := 1; i < 2+random.IntN(60); i++ {
			from := random.Int64N(1200) - 100
			spans = append(spans, Span{ID: fmt.Sprint(i), Parent: fmt.Sprint(random.IntN(i + 2)), Start: from, End: from + random.Int64N(400),
				Kind: []string{"client", "server", "internal"}[random.IntN(3)]})
		}
		tr := Build(spans)
		total := time.Duration(0)
		for i := range tr.Nodes {
			total += tr.Nodes[i].Self
		}
		if want := tr.Nodes[tr.Main].Took(); total != want {
			t.Errorf("seed %d: the parts add up to %d of %d", seed, total, want)
		}
	}
}

func TestTheFailureIsWhereItBegan(t *testing.T) {
	for name, tc := range map[string]struct{ spans, want string }{
		"nothing failed":                        {"a 0-10\nb<a 1-5", ""},
		"the deepest of a chain":                {"a! 0-10\nb<a! 1-9\nc<b! 2-8", "c"},
		"the last of two attempts":              {"a! 0-100\nb<a! 1-40\nc<a! 50-99", "c"},
		"what the trace waited for":             {"a! 0-100\nb<a! 1-90\nc<a! 5-300", "b"},
		"a failure although the root succeeded": {"a 0-100\nb<a! 1-90", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			tr, got := Build(parse(t, tc.spans)), ""
			if at := tr.Failure(); at >= 0 {
				got = tr.Nodes[at].ID
			}
			if got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestWhereTheTimeWentIsSummedByServiceAndName(t *testing.T) {
	spans := parse(t, "a 0-100\nb<a 10-40\nc<a 50-90")
	spans[1].Service, spans[1].Name, spans[2].Service, spans[2].Name = "db", "read", "db", "read"
	got := Build(spans).Hottest()
	if len(got) != 2 || got[0].Service != "db" || got[0].Spans != 2 || got[0].Share != 0.7 {
		t.Errorf("got %+v", got)
	}
}

func TestClocksThatDifferAreSetRightAndTold(t *testing.T) {
	tr := Build(parse(t, "a 0-100 client\nb<a 500-580 server\nc<b 510-520 internal"))
	if len(tr.Skews) != 1 || tr.Skews[0] != (Skew{"a", "b", -490 * time.Millisecond, 1}) {
		t.Errorf("told is %+v", tr.Skews)
	}
	if b, c := tr.Nodes[1], tr.Nodes[2]; b.Start != 10e6 || c.Start != 20e6 || c.Moved != -490*time.Millisecond {
		t.Errorf("b starts at %d, c at %d", b.Start, c.Start)
	}
	if tr.End != 100e6 || pathOf(tr) != "a:0-10 b:10-20 c:20-30 b:30-90 a:90-100" {
		t.Errorf("the path is %s until %d", pathOf(tr), tr.End)
	}
}

func TestNothingIsMovedWhereItCannotBeKnown(t *testing.T) {
	for name, spans := range map[string]string{
		"the server took longer than the client":  "a 0-100 client\nb<a 50-580 server",
		"what was sent is taken later":            "a 0-100 producer\nb<a 500-580 consumer",
		"the answer lies within the call already": "a 0-100 client\nb<a 1-99 server",
	} {
		if tr := Build(parse(t, spans)); len(tr.Skews) != 0 || tr.Nodes[1].Moved != 0 {
			t.Errorf("%s: moved by %s", name, tr.Nodes[1].Moved)
		}
	}
}

func TestATraceWithPartsMissingIsShownInItsPartsAndSaysSo(t *testing.T) {
	tr := Build(parse(t, "a 0-100\nb<x 10-20\nc<b 12-15\nd<y 30-40"))
	if tr.Orphans != 2 || len(tr.Tops) != 3 || !tr.Rooted || tr.Nodes[2].Depth != 1 {
		t.Errorf("got %+v", tr)
	}
	if Build(parse(t, "b<x 10-20")).Rooted {
		t.Error("a part is taken for the root")
	}
}

func TestSpansThatCallEachOtherInACircleAreAllShown(t *testing.T) {
	for _, spans := range []string{"a<b 0-10\nb<a 0-10", "a<a 0-10", "r 0-1\na<c 0-10\nb<a 0-10\nc<b 0-9"} {
		tr := Build(parse(t, spans))
		if got := len(tr.Rows(nil, none)); got != len(tr.Nodes) {
			t.Errorf("%q: %d of %d spans are shown", spans, got, len(tr.Nodes))
		}
	}
}

func TestBothEndsOfACallMayHaveOneID(t *testing.T) {
	spans := parse(t, "a 0-100 client\na 10-90 server\nb<a 20-30")
	if tr := Build(spans); len(tr.Rows(nil, none)) != 3 {
		t.Errorf("got %+v", tr.Rows(nil, none))
	}
}

// large makes a root with n calls, of which the last one failed and took most of the time.
func large(n int) []Span {
	spans := []Span{{ID: "root", Service: "shop", Name: "buy", Start: 0, End: int64(n) * 10}}
	for i := range n {
		spans = append(spans, Span{ID: fmt.Sprint(i), Parent: "root", Service: "db", Name: "SELECT", Start: int64(i), End: int64(i) + 1})
	}
	last := &spans[n]
	last.End, last.Failed = int64(n)*9, true
	return spans
}

func TestASmallTraceIsShownWhole(t *testing.T) {
	if rows := Build(large(150)).Rows(nil, none); len(rows) != 151 {
		t.Errorf("%d rows", len(rows))
	}
}

func TestALargeTraceIsFoldedButForWhatMatters(t *testing.T) {
	tr := Build(large(5000))
	rows := tr.Rows(nil, none)
	if len(rows) > 50 {
		t.Fatalf("%d rows are shown at once", len(rows))
	}
	failed, folded := false, 0
	for _, r := range rows {
		if r.Folded != nil {
			folded += r.Folded.Spans
			if r.Folded.Name != "SELECT" || r.Folded.Times != r.Folded.Calls || r.Folded.Beyond || tr.Nodes[r.At].ID != "root" {
				t.Errorf("folded is %+v", r.Folded)
			}
		} else if tr.Nodes[r.At].Failed {
			failed = true
		}
	}
	if !failed || folded+len(rows)-1 != len(tr.Nodes) {
		t.Errorf("the failed one is shown: %t; %d of %d spans are folded into %d rows", failed, folded, len(tr.Nodes), len(rows))
	}
	if rows := tr.Rows(nil, 3000); !slices.ContainsFunc(rows, func(r Row) bool { return r.At == 3000 && r.Folded == nil }) {
		t.Error("the selected span is not shown")
	}
	opened := tr.Rows([]string{"root"}, none)
	if len(opened) != most+2 || !opened[len(opened)-1].Folded.Beyond {
		t.Errorf("unfolded, %d rows are shown", len(opened))
	}
}

func TestADeepTraceIsBoundedToo(t *testing.T) {
	spans := []Span{{ID: "0", Start: 0, End: 10000}}
	for i := 1; i < 5000; i++ {
		spans = append(spans, Span{ID: fmt.Sprint(i), Parent: fmt.Sprint(i - 1), Start: int64(i), End: 10000 - int64(i), Failed: true})
	}
	rows := Build(spans).Rows(nil, none)
	if len(rows) > mostRows+1 || rows[len(rows)-1].Folded == nil {
		t.Errorf("%d rows", len(rows))
	}
}
