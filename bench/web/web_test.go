package main

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"burnline/bench/internal/rig"
	"burnline/internal/harness/patience"
)

func TestEveryKindIsAskedByEveryNumberOfClients(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	ctx, enough := context.WithCancel(t.Context())
	defer enough()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) > 200 {
			enough()
		}
		_, _ = io.WriteString(w, "ok")
	}))
	defer srv.Close()
	o := options{slos: 100, measured: patience.Limit}
	b := &rig.Burnline{Web: strings.TrimPrefix(srv.URL, "http://")}
	all, err := o.crowd(ctx, b, 3, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range o.asks() {
		if len(all[a.name]) == 0 {
			t.Errorf("nobody asked for %s", a.name)
		}
	}
	before := asked.Load()
	o.measured = 300 * time.Millisecond
	if _, err := o.crowd(t.Context(), b, 4, time.Minute); err != nil || asked.Load()-before > 4 {
		t.Errorf("four clients that rest a minute asked %d times, %v", asked.Load()-before, err)
	}
}

func TestAWrongAnswerEndsTheMeasurement(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	o := options{slos: 1, measured: patience.Limit}
	if _, err := o.crowd(context.Background(), &rig.Burnline{Web: strings.TrimPrefix(srv.URL, "http://")}, 1, 0); err == nil || !strings.Contains(err.Error(), "404") {
		t.Errorf("got %v", err)
	}
}

func TestTheTableNamesEveryKind(t *testing.T) {
	t.Parallel()
	o := options{slos: 10_000, series: 5, interval: 15 * time.Second}
	some := times{}
	for _, a := range o.asks() {
		some[a.name] = []time.Duration{time.Millisecond, 3 * time.Millisecond, 2 * time.Millisecond}
		if path := a.path(rand.New(rand.NewPCG(1, 1))); !strings.HasPrefix(path, "/") {
			t.Errorf("%s asks for %q", a.name, path)
		}
	}
	var out strings.Builder
	if err := o.table(result{crowds: []crowded{{name: "1 client", times: some, cores: 0.5}}}).Write(&out); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "Pages at 10,000 SLOs") || strings.Count(out.String(), "2 / 3 / 3") != len(o.asks()) {
		t.Error(out.String())
	}
	if quantile(nil, 0.5) != 0 {
		t.Error("of nothing there is a quantile")
	}
}
