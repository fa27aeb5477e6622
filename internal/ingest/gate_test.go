package ingest

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"burnline/internal/auth"
	"burnline/internal/auth/authtest"
)

// world is a gate with its keeper, by a clock of its own.
type world struct {
	t      *testing.T
	store  *authtest.Memory
	keeper *auth.Keeper
	gate   *Gate
	reg    *prometheus.Registry
	now    time.Time
}

func newWorld(t *testing.T, files map[string]string) *world {
	t.Helper()
	w := &world{t: t, store: &authtest.Memory{}, reg: prometheus.NewPedanticRegistry(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	var err error
	if w.keeper, err = auth.NewKeeper(auth.Options{Store: w.store, Now: clock}); err != nil {
		t.Fatal(err)
	}
	if w.gate, err = New(Options{Keeper: w.keeper, Files: files, Now: clock, Registerer: w.reg}); err != nil {
		t.Fatal(err)
	}
	return w
}

// token makes a token of a scope.
func (w *world) token(name string, scope auth.Scope) (string, auth.Token) {
	w.t.Helper()
	secret, made, err := w.keeper.CreateToken(w.t.Context(), auth.TokenInput{Name: name, Scopes: []auth.Scope{scope}, For: "1d"}, "", "x")
	if err != nil {
		w.t.Fatal(err)
	}
	return secret, made
}

// says asks the gate and tells who got in, or why not.
func (w *world) says(c auth.Credentials) string {
	w.t.Helper()
	who, err := w.gate.Admit(w.t.Context(), auth.FeedOTLPGRPC, c)
	var not *auth.NotTaken
	switch {
	case err == nil:
		return who.Name
	case !errors.As(err, &not):
		w.t.Fatalf("it fails with %v", err)
	case c.Authorization != "" && strings.Contains(err.Error(), strings.TrimPrefix(c.Authorization, "Bearer ")):
		w.t.Errorf("the answer shows the token: %v", err)
	}
	return string(not.Why)
}

func bearer(token string) auth.Credentials {
	return auth.Credentials{Authorization: "Bearer " + token, From: "192.0.2.1"}
}

func TestWhoGetsIn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(path, []byte("# of the cluster\nold-0123456789abcdef01234567\nnew-0123456789abcdef01234567\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, map[string]string{"cluster": path})
	right, _ := w.token("collector", auth.Ingest)
	reads, _ := w.token("grafana", auth.Read)
	gone, made := w.token("gone", auth.Ingest)
	if _, err := w.keeper.RevokeToken(t.Context(), made.ID, "", "x"); err != nil {
		t.Fatal(err)
	}
	late, made := w.token("late", auth.Ingest)
	made.Expires = w.now
	if err := w.store.SaveToken(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	valid := &x509.Certificate{Subject: pkix.Name{CommonName: "edge"}, NotAfter: w.now.Add(time.Hour)}
	ended := &x509.Certificate{Subject: pkix.Name{CommonName: "edge"}, NotAfter: w.now.Add(-time.Second)}
	for _, c := range []struct {
		name string
		with auth.Credentials
		want string
	}{
		{"nothing", auth.Credentials{}, "missing"},
		{"the right token", bearer(right), "token collector"},
		{"the right token as a password", auth.Credentials{Authorization: "Basic " + base64.StdEncoding.EncodeToString([]byte("any:"+right))}, "token collector"},
		{"the scheme in small letters", auth.Credentials{Authorization: "bearer " + right}, "token collector"},
		{"another scheme", auth.Credentials{Authorization: "Digest " + right}, "unknown"},
		{"a password that is no base64", auth.Credentials{Authorization: "Basic !"}, "unknown"},
		{"a token that nobody made", bearer("bln_abc"), "unknown"},
		{"a token for something else", bearer(reads), "scope"},
		{"a revoked token", bearer(gone), "unknown"},
		{"an expired token", bearer(late), "unknown"},
		{"a token of a file", bearer("old-0123456789abcdef01234567"), "token cluster"},
		{"its next one", bearer("new-0123456789abcdef01234567"), "token cluster"},
		{"a line of the file that is none", bearer("# of the cluster"), "unknown"},
		{"a certificate", auth.Credentials{Certificate: valid}, "certificate edge"},
		{"a certificate that ended while the connection lasted", auth.Credentials{Certificate: ended}, "unknown"},
		{"a wrong token beside a right certificate", auth.Credentials{Authorization: "Bearer bln_abc", Certificate: valid}, "unknown"},
	} {
		if got := w.says(c.with); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	if n := testutil.ToFloat64(w.gate.counts.taken.WithLabelValues("token collector", auth.FeedOTLPGRPC)); n != 3 {
		t.Errorf("%v requests of the collector are counted, want 3", n)
	}
	if n := testutil.ToFloat64(w.gate.counts.refused.WithLabelValues("unknown", auth.FeedOTLPGRPC)); n != 8 {
		t.Errorf("%v unknown ones are counted, want 8", n)
	}
}

func TestARevokedTokenIsTakenNoMore(t *testing.T) {
	w := newWorld(t, nil)
	secret, made := w.token("collector", auth.Ingest)
	if got := w.says(bearer(secret)); got != "token collector" {
		t.Fatal(got)
	}
	if _, err := w.keeper.RevokeToken(t.Context(), made.ID, "", "x"); err != nil {
		t.Fatal(err)
	}
	if got := w.says(bearer(secret)); got != "unknown" {
		t.Errorf("here, at once: %s", got)
	}
	// Another node revokes it: this one knows within seconds.
	secret, made = w.token("other", auth.Ingest)
	w.says(bearer(secret))
	made.Revoked = w.now
	if err := w.store.SaveToken(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(6 * time.Second)
	if got := w.says(bearer(secret)); got != "unknown" {
		t.Errorf("elsewhere, after 6 s: %s", got)
	}
}

func TestWhoSendsWrongTokensWaitsAndNobodyElseDoes(t *testing.T) {
	w := newWorld(t, nil)
	before, _ := w.token("before", auth.Ingest)
	fresh, _ := w.token("fresh", auth.Ingest)
	w.says(bearer(before))
	for i := range 20 {
		if got := w.says(bearer(fmt.Sprint("bln_", i))); got != "unknown" {
			t.Fatalf("guess %d: %s", i, got)
		}
	}
	if got := w.says(bearer("bln_more")); got != "guessing" {
		t.Errorf("the 21st wrong token: %s", got)
	}
	if got := w.says(bearer(before)); got != "token before" {
		t.Errorf("a sender behind the same address that was right before: %s", got)
	}
	w.now = w.now.Add(6 * time.Second) // what the keeper remembers is over
	for range 3 {
		w.says(bearer("bln_still"))
	}
	if got := w.says(bearer(before)); got != "token before" {
		t.Errorf("the same when it has to be looked at again: %s", got)
	}
	elsewhere := bearer(fresh)
	elsewhere.From = "192.0.2.2"
	if got := w.says(elsewhere); got != "token fresh" {
		t.Errorf("another address: %s", got)
	}
	if got := w.says(bearer(fresh)); got != "token fresh" {
		t.Errorf("a right token that was never seen behind the address: %s", got)
	}
	other, made := w.token("other", auth.Ingest)
	if got := w.says(bearer(other)); got != "token other" {
		t.Errorf("one that was made just now: %s", got)
	}
	if _, err := w.keeper.RevokeToken(t.Context(), made.ID, "", "x"); err != nil {
		t.Fatal(err)
	}
	if got := w.says(bearer(other)); got != "guessing" {
		t.Errorf("one that was revoked just now: %s", got)
	}
	if got := w.says(bearer("bln_more")); got != "guessing" {
		t.Errorf("a wrong token meanwhile: %s", got)
	}
}

func TestTelemetryIsTakenWhileTheStoreOfTokensIsAway(t *testing.T) {
	w := newWorld(t, nil)
	known, _ := w.token("known", auth.Ingest)
	fresh, _ := w.token("fresh", auth.Ingest)
	w.says(bearer(known))
	w.store.Fail(errors.New("connection refused"))
	w.now = w.now.Add(time.Minute)
	if got := w.says(bearer(known)); got != "token known" {
		t.Errorf("who was right a minute ago: %s", got)
	}
	if got := w.says(bearer(fresh)); got != "unavailable" {
		t.Errorf("who was never seen is told to come again: %s", got)
	}
	w.now = w.now.Add(trusted)
	if got := w.says(bearer(known)); got != "unavailable" {
		t.Errorf("after five minutes: %s", got)
	}
}

func TestAFileOfTokensIsReadAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	write := func(text string, at time.Time) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	const first, second = "first-0123456789abcdef0123456", "second-0123456789abcdef012345"
	write(first, time.Unix(1, 0))
	w := newWorld(t, map[string]string{"edge": path})
	expect := func(when, token, want string) {
		t.Helper()
		if got := w.says(bearer(token)); got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	expect("at the start", first, "token edge")
	write("", time.Unix(2, 0))
	w.now = w.now.Add(filesEvery)
	expect("while it is being written", first, "token edge")
	write(second, time.Unix(3, 0))
	w.now = w.now.Add(filesEvery)
	expect("the old one after that", first, "unknown")
	expect("the new one after that", second, "token edge")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(filesEvery)
	expect("after the file is gone", second, "token edge")
}

func TestAFileOfTokensThatIsWrongHoldsUpNoOther(t *testing.T) {
	dir := t.TempDir()
	edge, shop := filepath.Join(dir, "edge"), filepath.Join(dir, "shop")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const first, second, third = "first-0123456789abcdef0123456", "second-0123456789abcdef012345", "third-0123456789abcdef0123456"
	write(edge, first)
	write(shop, second)
	w := newWorld(t, map[string]string{"edge": edge, "shop": shop})
	expect := func(when string, bad int, tokens map[string]string) {
		t.Helper()
		w.now = w.now.Add(filesEvery)
		for token, want := range tokens {
			if got := w.says(bearer(token)); got != want {
				t.Errorf("%s: %s, want %s", when, got, want)
			}
		}
		text := fmt.Sprintf(`
			# HELP burnline_ingest_unreadable_token_files Files of ingest.token_files that could not be read the last time; the tokens that they had before stay in use.
			# TYPE burnline_ingest_unreadable_token_files gauge
			burnline_ingest_unreadable_token_files %d
		`, bad)
		if err := testutil.GatherAndCompare(w.reg, strings.NewReader(text), "burnline_ingest_unreadable_token_files"); err != nil {
			t.Errorf("%s: %v", when, err)
		}
		if files := w.gate.TokenFiles(); (files[0].Err == nil) != (bad == 0) || files[1].Err != nil {
			t.Errorf("%s: the files are %v", when, files)
		}
	}
	write(edge, "short")
	write(shop, third)
	expect("one is wrong", 1, map[string]string{first: "token edge", second: "unknown", third: "token shop"})
	if err := os.Remove(edge); err != nil {
		t.Fatal(err)
	}
	write(shop, second)
	expect("it is gone", 1, map[string]string{first: "token edge", second: "token shop", third: "unknown"})
	write(edge, third)
	expect("it is mended", 0, map[string]string{first: "unknown", second: "token shop", third: "token edge"})
}

func TestAFileOfTokensHasToHoldSome(t *testing.T) {
	for text, want := range map[string]string{
		"":                             "holds no token",
		"# nothing":                    "holds no token",
		"short":                        "f:1: a token has at least 24 characters",
		"\nit has a space in it but\n": "f:2: a token has",
	} {
		if _, err := tokensIn(text, "f"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", text, err, want)
		}
	}
	if _, err := New(Options{Keeper: &auth.Keeper{}, Now: time.Now, Files: map[string]string{"edge": filepath.Join(t.TempDir(), "none")}}); err == nil || !strings.Contains(err.Error(), "read the tokens of edge") {
		t.Errorf("a file that is not there: %v", err)
	}
}

func TestSendersAreToldApartUpToABound(t *testing.T) {
	w := newWorld(t, nil)
	for i := range mostSenders + 10 {
		w.says(auth.Credentials{Certificate: &x509.Certificate{Subject: pkix.Name{CommonName: fmt.Sprint(i)}, NotAfter: w.now.Add(time.Hour)}})
	}
	if n := testutil.CollectAndCount(w.gate.counts.taken); n != mostSenders+1 {
		t.Errorf("%d senders are told apart, want %d and the others", n, mostSenders)
	}
}

// BenchmarkAdmit is what a request costs more whose sender is known.
func BenchmarkAdmit(b *testing.B) {
	store := &authtest.Memory{}
	keeper, err := auth.NewKeeper(auth.Options{Store: store, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	secret, _, err := keeper.CreateToken(b.Context(), auth.TokenInput{Name: "x", Scopes: []auth.Scope{auth.Ingest}}, "", "x")
	if err != nil {
		b.Fatal(err)
	}
	gate, err := New(Options{Keeper: keeper, Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := gate.Admit(b.Context(), auth.FeedOTLPGRPC, bearer(secret)); err != nil {
			b.Fatal(err)
		}
	}
}
