package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"burnline/internal/tracesearch"
	"burnline/internal/tracesearch/tracetest"
	"burnline/slo"
)

// purchase is a trace of a purchase that failed in payment.
func purchase(n byte, at time.Time) ptrace.Traces {
	td := tracetest.Build(n, at,
		tracetest.Span{Service: "shop", Name: "POST /buy", Took: 1200 * time.Millisecond, Kind: ptrace.SpanKindServer, Error: "payment failed", Attributes: []string{"http.route", "/buy", "enduser.id", "hmac:0123456789abcdef0123456789abcdef"}},
		tracetest.Span{Parent: 1, Service: "cart", Name: "GET /cart", From: 10 * time.Millisecond, Took: 60 * time.Millisecond, Kind: ptrace.SpanKindServer},
		tracetest.Span{Parent: 2, Service: "cart", Name: "SELECT items", From: 20 * time.Millisecond, Took: 40 * time.Millisecond, Kind: ptrace.SpanKindClient, Attributes: []string{"db.system.name", "postgresql"}},
		tracetest.Span{Parent: 1, Service: "shop", Name: "POST /charge", From: 90 * time.Millisecond, Took: 1100 * time.Millisecond, Kind: ptrace.SpanKindClient, Error: "502 Bad Gateway"},
		tracetest.Span{Parent: 4, Service: "payment", Name: "charge", From: 100 * time.Millisecond, Took: 1050 * time.Millisecond, Kind: ptrace.SpanKindServer, Error: "card gateway timed out"},
		tracetest.Span{Parent: 5, Service: "payment", Name: "fraud check", From: 110 * time.Millisecond, Took: 70 * time.Millisecond, Kind: ptrace.SpanKindInternal},
	)
	rootOf(td).Attributes().PutStr(tracesearch.SLOAttribute, "checkout/availability")
	event := td.ResourceSpans().At(4).ScopeSpans().At(0).Spans().At(0).Events().AppendEmpty()
	event.SetName("exception")
	event.SetTimestamp(pcommon.NewTimestampFromTime(at.Add(time.Second)))
	event.Attributes().PutStr("exception.type", "TimeoutError")
	event.Attributes().PutStr("exception.stacktrace", "at charge (gateway.go:42)\nat main (main.go:7)")
	return td
}

func rootOf(td ptrace.Traces) ptrace.Span {
	return td.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0)
}

// many is a trace with n queries under its root.
func many(id byte, n int, at time.Time) ptrace.Traces {
	spans := []tracetest.Span{{Service: "report", Name: "nightly report", Took: time.Duration(n+10) * time.Millisecond}}
	for i := range n {
		s := tracetest.Span{Parent: 1, Service: "db", Name: "SELECT orders", From: time.Duration(i) * time.Millisecond, Took: 900 * time.Microsecond}
		if i == n-1 {
			s.Error = "deadlock"
		}
		spans = append(spans, s)
	}
	return tracetest.Build(id, at, spans...)
}

const (
	bought  = "ab000000000000000000000000000001"
	nightly = "ab000000000000000000000000000002"
	partial = "ab000000000000000000000000000003"
)

// tracesOf serves traces of every kind.
func tracesOf(now time.Time) *tracetest.Memory {
	m := &tracetest.Memory{}
	m.Add(many(2, 5000, now.Add(-50*time.Minute)))
	m.Add(tracetest.Build(3, now.Add(-40*time.Minute),
		tracetest.Span{Parent: 99, Service: "shop", Name: "GET /find", Took: 40 * time.Millisecond, Kind: ptrace.SpanKindClient},
		tracetest.Span{Parent: 1, Service: "search", Name: "find", From: 500 * time.Millisecond, Took: 30 * time.Millisecond, Kind: ptrace.SpanKindServer}))
	for i := range byte(12) {
		m.Add(tracetest.Build(20+i, now.Add(-time.Duration(38-3*i)*time.Minute), tracetest.Span{Service: "shop", Name: "GET /", Took: time.Duration(1+i*i) * 7 * time.Millisecond, Kind: ptrace.SpanKindServer}))
	}
	m.Add(purchase(1, now.Add(-time.Minute)))
	return m
}

func withTraces(m *tracetest.Memory) func(*Options) {
	return func(o *Options) { o.Traces = m }
}

func TestATracesPageSaysInOneSentenceWhatHappened(t *testing.T) {
	srv := serve(t, newShop(noon), withTraces(tracesOf(noon)))
	for id, want := range map[string][]string{
		bought:  {"Buying took 1.2 s and failed in payment: card gateway timed out; 82 % of the time was spent in payment: charge."},
		nightly: {"Nightly report of report took 5 s and succeeded, although SELECT orders of db failed: deadlock; "},
		partial: {"GET /find of shop took 40 ms", "The first span of the trace is not kept", "1 span names a caller that is not kept",
			"The clocks of shop and search differ by about 495 ms: 1 call was moved"},
		"ab000000000000000000000000000014": {"GET / of shop took 7 ms."},
	} {
		status, body := get(t, srv.URL+"/traces/"+id)
		for _, text := range want {
			if status != 200 || !strings.Contains(body, text) {
				t.Errorf("%s: %d, %q is missing in %.300s", id, status, text, body[strings.Index(body, "<h1"):])
			}
		}
	}
}

func TestTheFailureIsSelectedUntilAnotherSpanIs(t *testing.T) {
	srv := serve(t, newShop(noon), withTraces(tracesOf(noon)))
	_, body := get(t, srv.URL+"/traces/"+bought)
	for _, text := range []string{"exception.stacktrace", "at charge (gateway.go:42)\nat main", "TimeoutError", "after 900 ms"} {
		if !strings.Contains(body, text) {
			t.Errorf("%q is missing", text)
		}
	}
	_, body = get(t, srv.URL+"/traces/"+bought+"?span=0000000000000003")
	if !strings.Contains(body, "postgresql") || strings.Contains(body, "TimeoutError") {
		t.Error("the details are not those of the span in the address")
	}
}

func TestALargeTraceIsAPageOfReasonableSize(t *testing.T) {
	srv := serve(t, newShop(noon), withTraces(tracesOf(noon)))
	_, body := get(t, srv.URL+"/traces/"+nightly)
	if len(body) > 100_000 || !strings.Contains(body, "4,994 more spans, 4,994 × SELECT orders") || !strings.Contains(body, "open=0000000000000001") {
		t.Errorf("%d bytes", len(body))
	}
	if _, body = get(t, srv.URL+"/traces/"+nightly+"?open=0000000000000001"); strings.Count(body, "data-row") < 500 || len(body) > 1<<20 {
		t.Errorf("unfolded: %d bytes, %d rows", len(body), strings.Count(body, "data-row"))
	}
}

func TestTheListSaysWhatWasFoundAndKeepsTheSearchInItsAddress(t *testing.T) {
	m := tracesOf(noon)
	srv := serve(t, newShop(noon), withTraces(m))
	for name, tc := range map[string]struct {
		path string
		want []string
	}{
		"everything":                {"/traces", []string{"15 kept traces: 2 of them failed, the slowest took 5 s."}},
		"a service":                 {"/traces?service=payment", []string{"1 kept trace matches: it failed after 1.2 s.", `value="payment"`, "2 match"}},
		"an SLO":                    {"/traces?slo=checkout%2Favailability", []string{"1 kept trace matches", "<option selected>checkout/availability</option>"}},
		"an SLO that is not loaded": {"/traces?slo=gone%2Fslo", []string{"No kept trace matches.", "<option selected>gone/slo</option>"}},
		"an attribute":              {"/traces?attr=http.route%3D%2Fbuy", []string{"1 kept trace matches"}},
		"TraceQL":                   {"/traces?q=%7B+status+%3D+error+%26%26+duration+%3E+1s+%7D", []string{"1 kept trace matches", "<details id=\"rare\" open>"}},
		"the latest few":            {"/traces?limit=3", []string{"The latest 3 kept traces", `href="/traces?limit=15"`}},
		"a length of time":          {"/traces?since=5m", []string{"2 kept traces match", "<option selected>5m</option>"}},
		"everything wrong at once":  {"/traces?min=x&since=y&q=%7Bfoo%7D&attr=z&limit=-1&from=noon", []string{"min is a duration", "since is a length", "at character 2:", "attr is name=value", "limit is a whole number", "from is Unix seconds", `value="z"`}},
		"nothing of what is kept":   {"/traces?service=nobody", []string{"No kept trace matches.", "show the latest"}},
	} {
		if _, body := get(t, srv.URL+tc.path); true {
			for _, text := range tc.want {
				if !strings.Contains(body, text) {
					t.Errorf("%s: %q is missing in %.700s", name, text, body[strings.Index(body, "<h1"):])
				}
			}
		}
	}
	m.Until = noon
	if _, body := get(t, srv.URL+"/traces"); !strings.Contains(body, "Not everything was searched.") {
		t.Error("the page does not say that the search ended early")
	}
	m.Err = errors.New("the disk is away")
	if status, body := get(t, srv.URL+"/traces"); status != 503 || !strings.Contains(body, "The disk is away.") {
		t.Errorf("broken: %d", status)
	}
	if _, body := get(t, serve(t, newShop(noon), withTraces(&tracetest.Memory{})).URL+"/traces"); !strings.Contains(body, "No trace is kept yet.") || !strings.Contains(body, "When services send traces") {
		t.Error("the empty page explains nothing")
	}
}

func TestATraceThatCannotBeShownSaysWhy(t *testing.T) {
	srv := serve(t, newShop(noon), withTraces(tracesOf(noon)))
	for path, want := range map[string]int{"/traces/1": 404, "/traces/zz": 400, "/api/v1/traces/1": 404, "/api/v1/traces/zz": 400, "/api/v1/traces?min=x": 400} {
		if status, body := get(t, srv.URL+path); status != want {
			t.Errorf("%s: %d %.200s", path, status, body)
		}
	}
	if status, _ := get(t, serve(t, newShop(noon), nil).URL+"/traces"); status != 404 {
		t.Errorf("without a trace store: %d", status)
	}
}

func TestTextOfSpansIsNeverMarkup(t *testing.T) {
	td := purchase(1, noon)
	for _, rs := range td.ResourceSpans().All() {
		rs.Resource().Attributes().PutStr("service.name", hostile)
		rs.Resource().Attributes().PutStr(hostile, hostile)
		for _, span := range rs.ScopeSpans().At(0).Spans().All() {
			span.SetName(hostile)
			span.Status().SetMessage(hostile)
			span.Attributes().PutStr(hostile, "javascript:alert(1)")
			span.Attributes().PutStr(tracesearch.SLOAttribute, hostile)
			span.Attributes().PutStr("url.full", hostile)
			event := span.Events().AppendEmpty()
			event.SetName(hostile)
			event.Attributes().PutStr(hostile, hostile)
			span.Links().AppendEmpty().Attributes().PutStr(hostile, hostile)
		}
	}
	m := &tracetest.Memory{}
	m.Add(td)
	srv := serve(t, newShop(noon), withTraces(m))
	const q = "%22%3E%3Cscript%3E"
	for _, path := range []string{"/traces", "/traces/" + bought, "/traces/" + bought + "?span=" + q + "&open=" + q,
		"/traces?service=" + q + "&slo=" + q + "&attr=" + q + "&name=" + q + "&min=" + q + "&max=" + q + "&since=" + q + "&from=" + q + "&to=" + q + "&q=" + q + "&limit=" + q} {
		_, body := get(t, srv.URL+path)
		for _, bad := range []string{"<script>", "<img src=x", `="javascript:`, `href="#ZgotmplZ"`, " onclick=", " style="} {
			if strings.Contains(body, bad) {
				t.Errorf("%s contains %q", path, bad)
			}
		}
	}
}

func TestTheAPIOfTracesHasTheDescribedShape(t *testing.T) {
	srv := serve(t, newShop(noon), withTraces(tracesOf(noon)))
	for _, real := range []string{"/api/v1/traces?service=shop", "/api/v1/traces/" + bought} {
		if status, body := get(t, srv.URL+real); status != 200 {
			t.Fatalf("%s: %d %s", real, status, body)
		}
	}
	_, body := get(t, srv.URL+"/api/v1/traces/"+bought)
	for _, text := range []string{`"failure":"0000000000000005"`, `"sentence":"Buying took 1.2 s`, `"self_seconds":0.98`} {
		if !strings.Contains(body, text) {
			t.Errorf("%s is missing in %.500s", text, body)
		}
	}
}

func TestForgettingACustomerIsAskedForInTheBody(t *testing.T) {
	var asked []string
	srv := serve(t, newShop(noon), func(o *Options) {
		o.ForgetCustomer = func(_ context.Context, customer string) (int, error) {
			asked = append(asked, customer)
			if customer == "broken" {
				return 1, errors.New("no space")
			}
			return 3, nil
		}
	})
	for body, want := range map[string]string{
		`{"customer":"alice"}`:            `200 {"traces":3}`,
		`{"customer":"broken"}`:           `503 {"error":"Not every trace of the customer could be deleted; ask again.","detail":"no space"`,
		`{}`:                              `400 `,
		`{"customer":"alice","all":true}`: `400 `,
	} {
		resp, err := http.Post(srv.URL+"/api/v1/traces/forget", "application/json", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		text := make([]byte, 200)
		n, _ := resp.Body.Read(text)
		resp.Body.Close()
		if got := fmt.Sprint(resp.StatusCode, " ", string(text[:n])); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %s", body, got)
		}
	}
	if len(asked) != 2 {
		t.Errorf("asked for %v", asked)
	}
}

func TestAnSLOLeadsToItsFailingTraces(t *testing.T) {
	s := newShop(noon)
	s.defs[0].SLI = slo.SLI{Spans: &slo.SpansSLI{}}
	srv := serve(t, s, withTraces(tracesOf(noon)))
	for id, want := range map[string]string{
		"checkout/availability": `href="/traces?slo=checkout%2Favailability"`,
		"search/latency":        `href="/traces?service=search&amp;status=error"`,
	} {
		if _, body := get(t, srv.URL+"/slo/"+id); !strings.Contains(body, want) {
			t.Errorf("%s: %s is missing", id, want)
		}
	}
}
