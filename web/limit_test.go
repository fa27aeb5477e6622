package web

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"burnline/alerting"
	"burnline/internal/auth"
	"burnline/internal/harness/stalled"
	"burnline/slo"
	"burnline/web/limits"
)

// bounded is a server with limits of its own.
func bounded(t *testing.T, l Limits, edit func(*Options)) (*server, http.Handler) {
	t.Helper()
	shop := newShop(noon)
	o := Options{Engine: shop, Ledger: shop, System: shop, Limits: l, Now: func() time.Time { return noon }, Registerer: prometheus.NewRegistry()}
	if edit != nil {
		edit(&o)
	}
	s, err := newServer(o)
	if err != nil {
		t.Fatal(err)
	}
	h, err := s.handler()
	if err != nil {
		t.Fatal(err)
	}
	return s, h
}

// from sends a request from an address, with a token where it is not "".
func from(h http.Handler, address, token, method, path string) *httptest.ResponseRecorder {
	w, r := httptest.NewRecorder(), httptest.NewRequest(method, path, strings.NewReader("{}"))
	r.RemoteAddr = address
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	h.ServeHTTP(w, r)
	return w
}

func TestWhoSendsTooOftenIsToldWhenToComeAgain(t *testing.T) {
	echo := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "taken") })
	s, h := bounded(t, Limits{Rate: 0.5, Burst: 2, Clients: 100, AtOnce: 10, Streams: 1, StreamsEach: 1}, func(o *Options) { o.Prometheus, o.Alertmanager = echo, echo })
	for i, want := range []int{200, 200, 429} {
		w := from(h, "192.0.2.1:1000", "", "GET", "/api/v1/slos")
		if w.Code != want {
			t.Errorf("request %d is answered %d, want %d", i+1, w.Code, want)
		}
		if want == 429 && (w.Header().Get("Retry-After") != "2" || !strings.Contains(w.Body.String(), `"error":"You send too many requests."`)) {
			t.Errorf("Retry-After %q: %s", w.Header().Get("Retry-After"), w.Body)
		}
	}
	for _, c := range []struct {
		name, address, token, method, path string
		want                               int
	}{
		{"another port of the same address", "192.0.2.1:2000", "", "GET", "/", 429},
		{"a program that speaks Prometheus", "192.0.2.1:1", "", "GET", "/prometheus/api/v1/query", 429},
		{"another address", "192.0.2.2:1000", "", "GET", "/", 200},
		{"a token has a share of its own", "192.0.2.1:1000", "one", "GET", "/", 200},
		{"another address of an IPv6 network", "[2001:db8::1]:1000", "", "GET", "/", 200},
		{"and the next one of it", "[2001:db8::2]:1000", "", "GET", "/", 200},
		{"and one too many", "[2001:db8::3]:1000", "", "GET", "/", 429},
		{"health", "192.0.2.1:1000", "", "GET", "/-/healthy", 200},
		{"samples", "192.0.2.1:1000", "", "POST", "/prometheus/api/v1/write", 200},
		{"OTLP", "192.0.2.1:1000", "", "POST", "/prometheus/api/v1/otlp/v1/metrics", 200},
		{"alerts", "192.0.2.1:1000", "", "POST", "/alertmanager/api/v2/alerts", 200},
		{"assets", "192.0.2.1:1000", "", "GET", "/favicon.ico", 200},
	} {
		if w := from(h, c.address, c.token, c.method, c.path); w.Code != c.want {
			t.Errorf("%s: %d, want %d: %s", c.name, w.Code, c.want, w.Body)
		}
	}
	if got := testutil.ToFloat64(s.gates.refused.WithLabelValues(refusedRate)); got != 4 {
		t.Errorf("%g refusals are counted", got)
	}
	for i := range 30 {
		from(h, "192.0.2.1:1000", strings.Repeat("x", i+1), "GET", "/-/ready")
		from(h, "192.0.2.1:1000", strings.Repeat("x", i+1), "GET", "/favicon.ico")
	}
	refused := 0
	for i := range 30 {
		if from(h, "192.0.2.1:1000", strings.Repeat("y", i+1), "GET", "/api/v1/health").Code == 429 {
			refused++
		}
	}
	if refused != 11 {
		t.Errorf("of 30 tokens of one address, after one more, %d are refused, want 11", refused)
	}
}

func TestPagesAreShedBeforeWhatCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, release := make(chan struct{}), make(chan struct{})
		s, h := bounded(t, Limits{Clients: 10, AtOnce: 1, Wait: 5 * time.Second, Streams: 1, StreamsEach: 1}, func(o *Options) {
			o.Explain = func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) {
				close(entered)
				<-release
				return nil, nil
			}
			o.Acknowledge = func(context.Context, string, string, string, time.Time) error { return alerting.ErrNotOpen }
		})
		go from(h, "192.0.2.1:1", "", "GET", "/api/v1/slos/checkout/availability/explain?from=1")
		<-entered
		if w := from(h, "192.0.2.2:1", "", "GET", "/"); w.Code != 503 || w.Header().Get("Retry-After") != "5" || !strings.Contains(w.Body.String(), "Counting and paging go on.") {
			t.Errorf("a page too many: %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
		}
		if w := from(h, "192.0.2.2:1", "", "GET", "/-/ready"); w.Code != 200 {
			t.Errorf("a health check: %d", w.Code)
		}
		if got := testutil.ToFloat64(s.gates.refused.WithLabelValues(refusedBusy)); got != 1 {
			t.Errorf("%g refusals are counted", got)
		}
		close(release)
		synctest.Wait()
		if w := from(h, "192.0.2.2:1", "", "GET", "/"); w.Code != 200 {
			t.Errorf("when it is quiet again: %d", w.Code)
		}
	})
}

func TestABodyThatIsTooLargeIsRefusedAsSuch(t *testing.T) {
	s := everything(t)
	s.Access.SignIn = false // whoever asks: what is too large is not read
	h, err := s.handler()
	if err != nil {
		t.Fatal(err)
	}
	for _, rt := range s.routes() {
		if rt.api == nil || rt.api.body == nil {
			continue
		}
		path := strings.NewReplacer(":key", openKey(t), ":id", "1").Replace(rt.path)
		body := `{"a": "` + strings.Repeat("x", 32<<20) + `"}`
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(rt.method, path, strings.NewReader(body)))
		if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), `"error":"The body is too large.","detail":"At most`) {
			t.Errorf("%s %s: %d %.300s", rt.method, path, w.Code, w.Body)
		}
	}
}

func TestAPanicIsAnsweredInTheClientsLanguage(t *testing.T) {
	var log bytes.Buffer
	boom := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(errors.New("boom")) })
	_, h := bounded(t, DefaultLimits(), func(o *Options) {
		o.Logger, o.Prometheus = slog.New(slog.NewTextHandler(&log, nil)), boom
		o.Explain = func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) { panic("boom") }
	})
	for path, want := range map[string]string{
		"/api/v1/slos/checkout/availability/explain?from=1": `{"error":"Burnline has a fault here."`,
		"/prometheus/api/v1/query":                          `"errorType":"Internal Server Error"`,
	} {
		if w := from(h, "192.0.2.1:1", "", "GET", path); w.Code != 500 || !strings.Contains(w.Body.String(), want) || strings.Contains(w.Body.String(), "boom") {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if strings.Count(log.String(), "handler panicked") != 2 || !strings.Contains(log.String(), "limit_test.go") {
		t.Errorf("the log says %s", log.String())
	}
}

// unbounded are limits that no test reaches.
func unbounded() Limits {
	l := DefaultLimits()
	l.Rate = 0
	return l
}

func TestRequestsThatStopWithinTheirBodyKeepNobodyFromThePages(t *testing.T) {
	h := newHouse(t, func(o *Options) {
		o.Limits = Limits{Clients: 10, AtOnce: 2, Wait: 5 * time.Second, Streams: 1, StreamsEach: 1}
	})
	form := "Content-Type: application/x-www-form-urlencoded"
	stalled.Requests(t, 4, h.srv.URL, http.MethodPost, "/sign-in", form)
	stalled.Requests(t, 4, h.srv.URL, http.MethodGet, "/sign-in", form)
	if resp, body := h.ask(http.MethodGet, "/sign-in", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("the page of signing in is answered %d: %.200s", resp.StatusCode, body)
	}
	if resp := h.signIn("ada", goodPassword, "/"); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("signing in is answered %d", resp.StatusCode)
	}
	if resp, body := h.ask(http.MethodGet, "/api/v1/slos", nil); resp.StatusCode != http.StatusOK {
		t.Errorf("the API is answered %d: %.200s", resp.StatusCode, body)
	}
}

func TestOneAddressCanNotHaveAllTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		entered, release := make(chan struct{}), make(chan struct{})
		_, h := bounded(t, Limits{Clients: 10, AtOnce: 2, Wait: 5 * time.Second, Streams: 1, StreamsEach: 1}, func(o *Options) {
			o.Explain = func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) {
				close(entered)
				<-release
				return nil, nil
			}
			o.Access.Trusted = []netip.Prefix{netip.MustParsePrefix("192.0.2.9/32")}
		})
		through := func(client string) int {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr = "192.0.2.9:1"
			r.Header.Set("X-Forwarded-For", client)
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Code
		}
		go from(h, "192.0.2.1:1", "", "GET", "/api/v1/slos/checkout/availability/explain?from=1")
		<-entered
		if code := through("192.0.2.1"); code != http.StatusServiceUnavailable {
			t.Errorf("a second request of the address: %d", code)
		}
		if code := through("192.0.2.2"); code != http.StatusOK {
			t.Errorf("another address behind a proxy: %d", code)
		}
		close(release)
		synctest.Wait()
		if code := through("192.0.2.1"); code != http.StatusOK {
			t.Errorf("when it is quiet again: %d", code)
		}
	})
}

func TestSendersBehindOneAddressHaveSharesOfTheirOwn(t *testing.T) {
	var seen []string
	h := newHouse(t, func(o *Options) {
		o.Alertmanager = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { seen = append(seen, limits.ClientOf(r)) })
		o.Access.Ingest = namedSenders{}
	})
	for _, name := range []string{"east", "west", ""} {
		h.ask(http.MethodPost, "/alertmanager/api/v2/alerts", nil, "Authorization", name)
	}
	if want := []string{"127.0.0.1 east", "127.0.0.1 west", "127.0.0.1"}; !slices.Equal(seen, want) {
		t.Errorf("they count as %q, want %q", seen, want)
	}
}

// namedSenders takes from everybody under the name that they give.
type namedSenders struct{}

func (namedSenders) Admit(_ context.Context, _ string, c auth.Credentials) (auth.Who, error) {
	return auth.Who{Name: c.Authorization, Way: auth.ByToken, Feeds: true}, nil
}
