package tempo

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/ptrace"
	"google.golang.org/protobuf/encoding/protowire"

	"burnline/internal/tracesearch/tracetest"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// serve answers for two traces: a slow purchase that failed at 12:00, and a quick search at 12:01.
func serve(t *testing.T) (*httptest.Server, *tracetest.Memory) {
	t.Helper()
	m := &tracetest.Memory{}
	m.Add(tracetest.Build(1, noon,
		tracetest.Span{Service: "shop", Name: "POST /buy", Took: 1200 * time.Millisecond, Kind: ptrace.SpanKindServer, Attributes: []string{"http.route", "/buy", "region", "eu west"}},
		tracetest.Span{Parent: 1, Service: "payment", Name: "charge", From: 100 * time.Millisecond, Took: time.Second, Error: "card gateway timed out"},
	))
	m.Add(tracetest.Build(2, noon.Add(time.Minute), tracetest.Span{Service: "search", Name: "GET /find", Took: 20 * time.Millisecond}))
	h, err := New(Options{Traces: m, Version: "test"})
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv, m
}

func get(t *testing.T, srv *httptest.Server, path, accept string) (int, string, []byte) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+"/tempo"+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header.Get("Content-Type"), body
}

const buy = "ab000000000000000000000000000001"

func TestGrafanaReadsATraceAsProtobuf(t *testing.T) {
	srv, _ := serve(t)
	status, kind, body := get(t, srv, "/api/traces/"+buy+"?start=1&end=2", "application/protobuf")
	var m ptrace.ProtoUnmarshaler
	td, err := m.UnmarshalTraces(body)
	if status != 200 || kind != "application/protobuf" || err != nil || td.SpanCount() != 2 {
		t.Errorf("first version: %d %s, %v, %d spans", status, kind, err, td.SpanCount())
	}
	_, kind, body = get(t, srv, "/api/v2/traces/"+buy, "application/protobuf")
	number, wire, n := protowire.ConsumeTag(body)
	inner, m2 := protowire.ConsumeBytes(body[max(n, 0):])
	td, err = m.UnmarshalTraces(inner)
	if number != 1 || wire != protowire.BytesType || n+m2 != len(body) || err != nil || td.SpanCount() != 2 || kind != "application/protobuf" {
		t.Errorf("second version: field %d, %v, %d spans", number, err, td.SpanCount())
	}
}

func TestATraceAsJSONIsOTLP(t *testing.T) {
	srv, _ := serve(t)
	_, kind, body := get(t, srv, "/api/traces/"+buy, "*/*")
	if kind != "application/json" || !strings.Contains(string(body), `{"batches":[{"resource"`) || !strings.Contains(string(body), `"traceId":"`+buy+`"`) {
		t.Errorf("%s %s", kind, body)
	}
	_, _, body = get(t, srv, "/api/v2/traces/"+buy, "application/json")
	if !strings.Contains(string(body), `"trace":{"resourceSpans":[{"resource"`) {
		t.Errorf("%s", body)
	}
}

func TestATraceThatIsNotKeptIs404(t *testing.T) {
	srv, _ := serve(t)
	for path, want := range map[string]int{"/api/traces/1": 404, "/api/v2/traces/0": 404, "/api/traces/xyz": 400, "/api/traces/" + buy + "00": 400} {
		if status, _, body := get(t, srv, path, ""); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestSearchFindsByTagsAndByTraceQL(t *testing.T) {
	srv, _ := serve(t)
	for name, tc := range map[string]struct {
		query url.Values
		want  string
	}{
		"everything, the latest first":     {url.Values{}, "search shop"},
		"braces with nothing in them":      {url.Values{"q": {"{}"}}, "search shop"},
		"a service":                        {url.Values{"q": {`{resource.service.name="shop"}`}}, "shop"},
		"several conditions of one span":   {url.Values{"q": {`{ .service.name = "payment" && status = error && duration > 500ms }`}}, "shop"},
		"a tag":                            {url.Values{"tags": {"service.name=shop"}}, "shop"},
		"tags with a text that has spaces": {url.Values{"tags": {`region="eu west" http.route=/buy`}}, "shop"},
		"a tag that is a property":         {url.Values{"tags": {`name="GET /find"`}}, "search"},
		"the tag error":                    {url.Values{"tags": {"error=true"}}, "shop"},
		"at least so slow":                 {url.Values{"minDuration": {"1s"}}, "shop"},
		"at most so slow":                  {url.Values{"maxDuration": {"1s"}}, "search"},
		"from a time":                      {url.Values{"start": {"1772366430"}, "end": {"1772370000"}}, "search"},
		"one":                              {url.Values{"limit": {"1"}}, "search"},
		"nothing":                          {url.Values{"q": {`{name="x"}`}}, ""},
	} {
		status, _, body := get(t, srv, "/api/search?"+tc.query.Encode(), "application/json")
		var answer searchJSON
		if err := json.Unmarshal(body, &answer); status != 200 || err != nil {
			t.Errorf("%s: %d %s", name, status, body)
			continue
		}
		var got []string
		for _, f := range answer.Traces {
			got = append(got, f.RootService)
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: found %q, want %q", name, got, tc.want)
		}
	}
}

func TestTheAnswerOfASearchHasTheShapeThatGrafanaReads(t *testing.T) {
	srv, m := serve(t)
	m.Until = noon
	_, _, body := get(t, srv, "/api/search?"+url.Values{"q": {`{status=error}`}}.Encode(), "application/json")
	const want = `{"traces":[{"traceID":"ab000000000000000000000000000001","rootServiceName":"shop","rootTraceName":"POST /buy",` +
		`"startTimeUnixNano":"1772366400000000000","durationMs":1200,` +
		`"spanSet":{"spans":[{"spanID":"0000000000000002","name":"charge","startTimeUnixNano":"1772366400100000000","durationNanos":"1000000000","attributes":[{"key":"service.name","value":{"stringValue":"payment"}},{"key":"status","value":{"stringValue":"error"}},{"key":"statusMessage","value":{"stringValue":"card gateway timed out"}}]}],"matched":1},` +
		`"spanSets":[{"spans":[{"spanID":"0000000000000002","name":"charge","startTimeUnixNano":"1772366400100000000","durationNanos":"1000000000","attributes":[{"key":"service.name","value":{"stringValue":"payment"}},{"key":"status","value":{"stringValue":"error"}},{"key":"statusMessage","value":{"stringValue":"card gateway timed out"}}]}],"matched":1}],` +
		`"serviceStats":{"payment":{"spanCount":1,"errorCount":1},"shop":{"spanCount":1}}}],` +
		`"metrics":{"inspectedTraces":2,"inspectedBytes":"2000","totalJobs":2,"completedJobs":1}}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestAQueryThatIsNotSupportedIsRefusedWithWhatIs(t *testing.T) {
	srv, _ := serve(t)
	for query, want := range map[string]string{
		`q=` + url.QueryEscape(`{} | rate()`): "pipelines such as | rate()",
		`q=` + url.QueryEscape(`{ foo = 1 }`): `at character 3: "foo" is no field`,
		`q=%7B%7D&tags=a%3Db`:                 "give either q or tags",
		`tags=shop`:                           "write logfmt such as",
		`tags=` + url.QueryEscape(`a="b`):     "does not end",
		`limit=many`:                          "write a whole number",
		`start=noon`:                          "write Unix seconds",
		`start=20&end=10`:                     "end is before start",
		`minDuration=long`:                    "write a duration such as 100ms",
	} {
		status, _, body := get(t, srv, "/api/search?"+query, "")
		if status != 400 || !strings.Contains(string(body), want) {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}

func TestNamesAndValuesOfTagsFillGrafanasSearchBuilder(t *testing.T) {
	srv, _ := serve(t)
	for path, want := range map[string]string{
		"/api/search/tags":                                  `{"tagNames":["http.route","name","region","service.name","status"]}`,
		"/api/v2/search/tags?scope=span":                    `{"metrics":{},"scopes":[{"name":"span","tags":["http.route","region"]}]}`,
		"/api/v2/search/tags?scope=resource":                `{"metrics":{},"scopes":[{"name":"resource","tags":["service.name"]}]}`,
		"/api/search/tag/service.name/values":               `{"tagValues":["shop","payment","search"]}`,
		"/api/search/tag/name/values":                       `{"tagValues":["POST /buy","charge","GET /find"]}`,
		"/api/v2/search/tag/resource.service.name/values":   `{"metrics":{},"tagValues":[{"type":"string","value":"shop"},{"type":"string","value":"payment"},{"type":"string","value":"search"}]}`,
		"/api/v2/search/tag/span%252Ehttp%252Eroute/values": `{"metrics":{},"tagValues":[{"type":"string","value":"/buy"}]}`,
		"/api/v2/search/tag/status/values":                  `{"metrics":{},"tagValues":[{"type":"keyword","value":"error"},{"type":"keyword","value":"ok"},{"type":"keyword","value":"unset"}]}`,
		"/api/v2/search/tag/name/values?q=" + url.QueryEscape(`{ resource.service.name = "shop" }`): `{"metrics":{},"tagValues":[{"type":"string","value":"POST /buy"}]}`,
		"/api/v2/search/tag/name/values?q=" + url.QueryEscape(`{ name = `):                          `{"metrics":{},"tagValues":[{"type":"string","value":"POST /buy"},{"type":"string","value":"charge"},{"type":"string","value":"GET /find"}]}`,
	} {
		if status, _, body := get(t, srv, path, ""); status != 200 || string(body) != want {
			t.Errorf("%s: %d\ngot  %s\nwant %s", path, status, body, want)
		}
	}
	if _, _, body := get(t, srv, "/api/v2/search/tags", ""); !strings.Contains(string(body), `{"name":"intrinsic","tags":["duration"`) {
		t.Errorf("got %s", body)
	}
	for _, path := range []string{"/api/v2/search/tags?scope=x", "/api/v2/search/tag/x/values"} {
		if status, _, body := get(t, srv, path, ""); status != 400 {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

func TestTheDataSourcesTestSucceeds(t *testing.T) {
	srv, _ := serve(t)
	if status, _, body := get(t, srv, "/api/echo", ""); status != 200 || string(body) != "echo" {
		t.Errorf("%d %s", status, body)
	}
	if status, _, body := get(t, srv, "/api/status/buildinfo", ""); status != 200 || !strings.Contains(string(body), `"version":"2.`) {
		t.Errorf("%d %s", status, body)
	}
}

func TestAStoreThatFailsIsNoBadRequestAndTellsNothing(t *testing.T) {
	srv, m := serve(t)
	m.Err = errors.New("secret path is broken")
	for _, path := range []string{"/api/traces/" + buy, "/api/search", "/api/v2/search/tags", "/api/search/tag/x/values"} {
		if status, _, body := get(t, srv, path, ""); status != 500 || strings.Contains(string(body), "secret") {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
}

// FuzzSearchParams holds that no query string crashes the search.
func FuzzSearchParams(f *testing.F) {
	for _, seed := range []string{"q={}&limit=1", `tags=a="b c" d=e&minDuration=1s`, "start=1&end=2&spss=3", `tags=a="\x`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, query string) {
		v, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		q, err := queryOf(v)
		if err == nil && (q.Limit < 1 || q.Limit > mostLimit || q.Spans < 1 || q.Spans > mostSpans) {
			t.Fatalf("%q: %+v", query, q)
		}
	})
}
