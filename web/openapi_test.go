package web

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/prometheus/client_golang/prometheus"

	"burnline/alerting/drills"
	"burnline/alerting/reviews"
	"burnline/alerting/shadow"
	"burnline/alerting/silences"
	"burnline/alerting/statuspage"
	"burnline/internal/auth/authtest"
	"burnline/internal/tracesearch/tracetest"
	"burnline/slo"
	"burnline/slo/changes"
	"burnline/web/openapi"
)

var update = flag.Bool("update", false, "write the files that tests compare with")

// open are the types of text whose constants are not all that they may be.
func open() []string { return []string{"burnline/slo.Severity"} }

// everything is a server with every part there is, so that every route is there.
func everything(t testing.TB) *server {
	t.Helper()
	shop, p, none := newShop(noon), newPromises(t, noon), http.NotFoundHandler()
	o := Options{Engine: shop, Ledger: shop, System: shop, Alerts: diskAlerts(1, noon), Corrections: p.corrections, Silences: &silences.Keeper{}, Maintenance: &works{}, StatusPage: none, StatusPosts: &statuspage.Posts{}, Changes: &changes.Keeper{}, Reports: &bureau{},
		Reviews: &reviews.Keeper{}, Night: reviews.DefaultNight,
		SilenceLimits: silences.DefaultLimits, Shadow: &shadow.Desk{}, Drills: &drills.Keeper{}, Backups: someBackups{}, Doctor: healthyAsOf, Versions: p, Teams: p, Traces: &tracetest.Memory{}, Tempo: none, PagerDuty: none, Slack: none,
		Prometheus: none, Alertmanager: none, Metrics: none, ExternalURL: "https://burnline.example.com", Stopping: make(chan struct{}), Limits: unbounded(), Registerer: prometheus.NewRegistry(), Now: time.Now, Logger: slog.New(slog.DiscardHandler),
		Access:         Access{Keeper: keeperOf(t, &authtest.Memory{}), SignIn: true, Provider: vouches{}},
		Evidence:       func(string) *slo.Evidence { return nil },
		Acknowledge:    func(context.Context, string, string, string, time.Time) error { return nil },
		ForgetCustomer: func(context.Context, string) (int, error) { return 0, nil },
		Explain: func(context.Context, string, []slo.Labels, time.Time, time.Time) (*slo.Where, error) {
			return nil, nil
		},
		WhatIf: replayed, Heat: warm,
		Ready: func() (string, error) { return "", nil }, Started: func() error { return nil }, Reload: func() error { return nil },
	}
	v := reflect.ValueOf(o)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("Options.%s is not among everything, so its routes are not described", v.Type().Field(i).Name)
		}
	}
	s, err := newServer(o)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestOpenAPIIsTheOneThatWasReviewed(t *testing.T) {
	s := everything(t)
	said, err := openapi.Read("..", "burnline", s.operations(), open()...)
	if err != nil {
		t.Fatal(err)
	}
	texts, err := json.MarshalIndent(said, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	description, err := s.describe(said)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"openapi.texts.json": append(texts, '\n'), "testdata/openapi.json": description} {
		if *update {
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if have, err := os.ReadFile(name); err != nil || !bytes.Equal(have, data) {
			t.Errorf("the API has changed, and %s has not: `go test ./web -run OpenAPI -update` writes it (%v)", name, err)
		}
	}
}

func TestOpenAPIIsValid(t *testing.T) {
	doc, err := libopenapi.NewDocument(everything(t).description)
	if err != nil {
		t.Fatal(err)
	}
	v, errs := validator.NewValidator(doc)
	if len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, faults := v.ValidateDocument(); !ok {
		for _, f := range faults {
			t.Errorf("%s: %s", f.Message, f.Reason)
			for _, e := range f.SchemaValidationErrors {
				t.Errorf("  %s: %s", e.KeywordLocation, e.Reason)
			}
		}
	}
}

func TestOpenAPISaysOfEveryRouteWhatItIsFor(t *testing.T) {
	var ids []string
	for _, o := range everything(t).operations() {
		if o.Summary == "" {
			t.Errorf("%s %s has no summary", o.Method, o.Path)
		}
		for _, p := range o.Parameters {
			if p.Text == "" {
				t.Errorf("%s %s does not say what %s means", o.Method, o.Path, p.Name)
			}
		}
		ids = append(ids, o.Method+" "+o.Path)
	}
	for _, want := range []string{"GET /api/v1/slos/{id}", "GET /api/v1/slos/{id}/versions", "GET /api/v1/slos/{id}/explain", "POST /-/drill", "GET /api/v1/events"} {
		if !slices.Contains(ids, want) {
			t.Errorf("%s is not described", want)
		}
	}
}
