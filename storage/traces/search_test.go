package traces

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"burnline/internal/tracesearch"
)

func TestSearchFindsWhatPeopleLookFor(t *testing.T) {
	s := open(t, Options{})
	inner := span{trace: 1, service: "payment", name: "charge", parent: true, attrs: []string{"region", "eu"}}
	bad := span{trace: 2, service: "shop", name: "b", at: time.Minute, took: time.Millisecond, failed: true}
	slow := span{trace: 3, service: "cart", name: "c", at: 2 * time.Minute, took: 3 * time.Second}
	marked := batch(slow)
	spanOf(marked).Attributes().PutStr(tracesearch.SLOAttribute, "cart/all,cart/add")
	keep(t, s, batch(span{trace: 1, service: "shop", name: "a", took: time.Second}, inner), batch(bad), marked)
	parsed := func(text string) tracesearch.Expr {
		e, err := tracesearch.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	for name, tc := range map[string]struct {
		query tracesearch.Query
		want  string
	}{
		"everything, the latest first":           {tracesearch.Query{}, "cba"},
		"one service":                            {tracesearch.Query{Where: tracesearch.Service("shop")}, "ba"},
		"a service that is not the root's":       {tracesearch.Query{Where: tracesearch.Service("payment")}, "a"},
		"an attribute":                           {tracesearch.Query{Where: tracesearch.Attribute("region", "eu")}, "a"},
		"another value of the attribute":         {tracesearch.Query{Where: tracesearch.Attribute("region", "us")}, ""},
		"an attribute of the resource":           {tracesearch.Query{Where: tracesearch.Attribute("service.name", "cart")}, "c"},
		"what is bad for an SLO":                 {tracesearch.Query{Where: tracesearch.SLO("cart/add")}, "c"},
		"what is bad for another SLO":            {tracesearch.Query{Where: tracesearch.SLO("cart")}, ""},
		"a name of an inner span":                {tracesearch.Query{Where: tracesearch.SpanName("charge")}, "a"},
		"failed ones":                            {tracesearch.Query{Where: tracesearch.Failed()}, "b"},
		"slow ones":                              {tracesearch.Query{MinDuration: time.Second}, "ca"},
		"quick ones":                             {tracesearch.Query{MaxDuration: time.Second}, "ba"},
		"since a time":                           {tracesearch.Query{From: noon.Add(time.Minute)}, "cb"},
		"up to a time":                           {tracesearch.Query{To: noon.Add(time.Minute)}, "ba"},
		"the latest few":                         {tracesearch.Query{Limit: 1}, "c"},
		"all conditions hold at the same time":   {tracesearch.Query{Where: tracesearch.All(tracesearch.Service("shop"), tracesearch.Failed()), From: noon, To: noon.Add(time.Hour)}, "b"},
		"nothing matches":                        {tracesearch.Query{Where: tracesearch.Service("unknown")}, ""},
		"a condition that no index can speed up": {tracesearch.Query{Where: parsed(`{ !(.service.name = "shop") && duration > 1ms }`)}, "c"},
		"a query in TraceQL":                     {tracesearch.Query{Where: parsed(`{ rootServiceName = "shop" && .region =~ "e." }`)}, "a"},
	} {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, f := range search(t, s, tc.query) {
				got += f.Name
			}
			if got != tc.want {
				t.Errorf("found %q, want %q", got, tc.want)
			}
		})
	}
}

func TestAnAnswerTellsTheSpansThatMatch(t *testing.T) {
	s := open(t, Options{})
	keep(t, s, batch(
		span{trace: 1, service: "shop", name: "a"},
		span{trace: 1, service: "db", name: "read", parent: true}, span{trace: 1, service: "db", name: "write", parent: true},
	))
	found := search(t, s, tracesearch.Query{Where: tracesearch.Service("db"), Spans: 1})
	if len(found) != 1 || found[0].Matched != 2 || len(found[0].Matches) != 1 || found[0].Matches[0].Span.Name() != "read" {
		t.Errorf("found %+v", found)
	}
}

func TestASpanThatCameTwiceIsShownOnce(t *testing.T) {
	s := open(t, Options{})
	one := batch(span{trace: 1, service: "shop", name: "a"}, span{trace: 1, service: "db", name: "b", parent: true})
	keep(t, s, one, one, one)
	td, err := s.Trace(t.Context(), id(1))
	if err != nil || names(td) != "a,b," {
		t.Errorf("spans are %q (%v)", names(td), err)
	}
	if found := search(t, s, tracesearch.Query{}); len(found) != 1 || found[0].Spans != 2 {
		t.Errorf("found %+v", found)
	}
}

func TestTheIndexReadsNoTraceThatCannotMatch(t *testing.T) {
	s := open(t, Options{})
	const total = 400
	for n := range total {
		td := batch(span{service: "shop", name: "a", attrs: []string{"order", fmt.Sprint(n)}})
		spanOf(td).SetTraceID(pcommon.TraceID{byte(n), byte(n >> 8), 1})
		keep(t, s, td)
	}
	answer, err := s.Search(t.Context(), tracesearch.Query{Where: tracesearch.Attribute("order", "7")})
	if err != nil || len(answer.Traces) != 1 {
		t.Fatalf("found %+v (%v)", answer.Traces, err)
	}
	if answer.Inspected > total/10 {
		t.Errorf("%d of %d traces were read to find one", answer.Inspected, total)
	}
}

func TestASearchThatTakesTooLongSaysHowFarItCame(t *testing.T) {
	now := noon
	s := open(t, Options{Now: func() time.Time { return now }})
	for n := range byte(10) {
		keep(t, s, batch(span{trace: n, service: "shop", name: "a", at: time.Duration(n) * time.Second}))
	}
	read := 0
	s.opts.Now = func() time.Time { // each trace takes a second
		read++
		return noon.Add(time.Duration(read) * time.Second)
	}
	e, err := tracesearch.Parse(`{ name != "a" }`)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.Search(t.Context(), tracesearch.Query{Where: e})
	if err != nil || len(answer.Traces) != 0 || answer.Until.IsZero() || answer.Inspected == 0 {
		t.Errorf("got %+v (%v)", answer, err)
	}
}

func TestAValueIsFoundByWhatStandsForIt(t *testing.T) {
	s := open(t, Options{Stored: func(attribute, value string) string {
		if attribute == "enduser.id" {
			return "hash of " + value
		}
		return value
	}})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "a", attrs: []string{"enduser.id", "hash of alice"}}))
	if found := search(t, s, tracesearch.Query{Where: tracesearch.Attribute("enduser.id", "alice")}); len(found) != 1 {
		t.Errorf("found %+v", found)
	}
}

func TestFieldsAndValuesAreThoseOfTheTraces(t *testing.T) {
	s := open(t, Options{})
	keep(t, s,
		batch(span{trace: 1, service: "shop", name: "a", attrs: []string{"region", "eu"}}),
		batch(span{trace: 2, service: "cart", name: "b", attrs: []string{"region", "us"}}),
	)
	fields, err := s.Fields(t.Context(), tracesearch.Query{})
	if err != nil || fmt.Sprint(fields) != "[{resource service.name} {span region}]" {
		t.Errorf("fields are %v (%v)", fields, err)
	}
	values, err := s.Values(t.Context(), tracesearch.Query{Where: tracesearch.Service("cart")}, tracesearch.Field{Scope: tracesearch.ScopeSpan, Name: "region"})
	if err != nil || fmt.Sprint(values) != "[{string us}]" {
		t.Errorf("values are %v (%v)", values, err)
	}
	values, err = s.Values(t.Context(), tracesearch.Query{}, tracesearch.Field{Scope: tracesearch.ScopeIntrinsic, Name: "name"})
	if err != nil || fmt.Sprint(values) != "[{string a} {string b}]" {
		t.Errorf("names are %v (%v)", values, err)
	}
}

func TestSearchesWaitForTheirTurnNoLongerThanTheyMay(t *testing.T) {
	s := open(t, Options{})
	for range mostSearches {
		s.turns <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.Search(ctx, tracesearch.Query{}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-s.turns
	if _, err := s.Search(t.Context(), tracesearch.Query{}); err != nil {
		t.Error(err)
	}
}

func TestADamagedTraceIsLeftOutOfASearchAndCounted(t *testing.T) {
	s := open(t, Options{})
	keep(t, s, batch(span{trace: 1, service: "shop", name: "whole"}), batch(span{trace: 2, service: "shop", name: "damaged"}))
	seg := s.others.segments[0]
	if _, err := seg.file.WriteAt([]byte{0xff, 0xff}, seg.size-2); err != nil {
		t.Fatal(err)
	}
	found := search(t, s, tracesearch.Query{})
	if len(found) != 1 || found[0].Name != "whole" || testutil.ToFloat64(s.unreadable) != 1 {
		t.Errorf("found %+v, %v unreadable", found, testutil.ToFloat64(s.unreadable))
	}
	if _, err := s.Trace(t.Context(), id(2)); !errors.Is(err, errDamaged) {
		t.Errorf("by its id: %v", err)
	}
}
