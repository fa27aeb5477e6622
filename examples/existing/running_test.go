package existing

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"burnline/internal/app"
	"burnline/internal/auth"
	"burnline/internal/harness/patience"
	"burnline/slo"
)

const token = "existing-0123456789abcdef0123456789abcdef"

// running is a Burnline that runs until the test ends.
type running struct {
	t    *testing.T
	at   app.Addresses
	read string // a token that reads
}

// serve runs Burnline by a file, on ports of its own.
func serve(t *testing.T, config string) app.Addresses {
	t.Helper()
	return serveIn(t, config, filepath.Join(t.TempDir(), "data"))
}

// serveIn is serve with a data folder that is there.
func serveIn(t *testing.T, config, data string) app.Addresses {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan app.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- app.Run(ctx, app.Options{
			ConfigPath: config, Logger: slog.New(slog.DiscardHandler), Ready: func(at app.Addresses) { ready <- at },
			Override: app.Override{Data: data, Listen: "127.0.0.1:0", OTLPGRPC: "127.0.0.1:0", OTLPHTTP: "127.0.0.1:0"},
		})
	}()
	t.Cleanup(func() {
		stop()
		if err := patience.Receive(t, "Burnline ends", ended); err != nil {
			t.Error(err)
		}
	})
	select {
	case at := <-ready:
		return at
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
		return app.Addresses{}
	}
}

// burnline runs Burnline with the example's own file, and with SLOs.
func burnline(t *testing.T, slos ...string) running {
	t.Helper()
	dir := t.TempDir()
	text := read(t, "burnline.yaml")
	for _, path := range slos {
		name := strings.ReplaceAll(path, "/", "-")
		// How fast the machine is that tests run on is nobody's promise.
		write(t, filepath.Join(dir, name), strings.ReplaceAll(read(t, path), "duration > 300ms", "duration > 1h"))
		text += "slos: [" + name + "]\n"
	}
	write(t, filepath.Join(dir, "burnline.yaml"), text)
	write(t, filepath.Join(dir, "burnline.token"), token+"\n")
	data := filepath.Join(dir, "state")
	f, err := app.OpenAccess(t.Context(), filepath.Join(dir, "burnline.yaml"), data, true)
	if err != nil {
		t.Fatal(err)
	}
	role, password := auth.Admin, "correct horse battery staple"
	if _, err := f.AddUser(t.Context(), auth.UserInput{Name: "ada", Role: &role, Password: &password}); err != nil {
		t.Fatal(err)
	}
	secret, _, err := f.CreateToken(t.Context(), auth.TokenInput{Name: "reader", Scopes: []auth.Scope{auth.Read}}, "", "test")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return running{t, serveIn(t, filepath.Join(dir, "burnline.yaml"), data), secret}
}

// get reads a page of Burnline's.
func (r running) get(path string) string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.at.UI+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+r.read)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(body)
}

// has reports whether a query has an answer.
func (r running) has(query string) bool {
	r.t.Helper()
	var answer struct{ Data struct{ Result []any } }
	if err := json.Unmarshal([]byte(r.get("/prometheus/api/v1/query?query="+url.QueryEscape(query))), &answer); err != nil {
		r.t.Fatal(err)
	}
	return len(answer.Data.Result) > 0
}

// countedBy are the events that an SLO has counted in its window.
func (r running) countedBy(id string) slo.Counts {
	r.t.Helper()
	var answer struct {
		Statuses []struct{ Budget struct{ Good, Total float64 } }
	}
	if err := json.Unmarshal([]byte(r.get("/api/v1/slos/"+id)), &answer); err != nil || len(answer.Statuses) == 0 {
		return slo.Counts{} // it is not there yet
	}
	return slo.Counts(answer.Statuses[0].Budget)
}

// counted reports whether Burnline has counted that the example's token sent something in a way.
func (r running) counted(way string) bool {
	r.t.Helper()
	return strings.Contains(r.get("/metrics"), `burnline_ingest_requests_total{sender="token existing",way="`+way+`"}`)
}

// host is the address of a URL.
func host(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Host
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func makeFolder(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o700); err != nil {
		t.Fatal(err)
	}
}

// variables are those of a file, with another address in the place of Burnline's.
func variables(t *testing.T, path, burnline, address string) (all []string) {
	t.Helper()
	for line := range strings.Lines(read(t, path)) {
		all = append(all, strings.ReplaceAll(strings.TrimSpace(line), burnline, address))
	}
	return all
}
