package web

import (
	"mime"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gin-gonic/gin"

	"burnline/internal/harness/nasty"
	"burnline/slo/report"
)

// elsewhere are addresses that browsers read as those of another server, however they are written.
func elsewhere() map[string]string {
	all := nasty.Texts()
	for _, text := range []string{"//evil.example", "///evil.example", `/\evil.example`, `\\evil.example`, "https:evil.example", "https://evil.example", "/\t/evil.example", "/%09/evil.example", "/%2f/evil.example",
		"http:///evil.example", "/incidents/../..//evil.example", `/slo/\..\\evil.example`, "/incidents/\r\nLocation: https://evil.example", "//evil.example/slo/"} {
		all[text] = text
	}
	return all
}

// stays holds an address that an answer leads to against the server.
func stays(t *testing.T, what, server, location string) {
	t.Helper()
	base, err := url.Parse(server + "/some/page")
	if err != nil {
		t.Fatal(err)
	}
	// Browsers take a backslash for a slash, and drop tabs and ends of lines.
	to, err := base.Parse(strings.NewReplacer(`\`, "/", "\t", "", "\r", "", "\n", "").Replace(location))
	if err != nil || to.Host != base.Host || to.Scheme != base.Scheme {
		t.Errorf("%s leads to %q (%v)", what, location, err)
	}
}

func TestNoAnswerLeadsToAnotherServer(t *testing.T) {
	h := newHouse(t, func(o *Options) {
		shop := newShop(noon)
		oncall(t, shop, noon)(o)
		o.Reports = newBureau(t, noon)
	})
	for name, text := range elsewhere() {
		stays(t, "signing in with "+name, h.srv.URL, h.signIn("ada", goodPassword, text).Header.Get("Location"))
		for _, ask := range []struct {
			method, path string
			form         url.Values
		}{
			{http.MethodPost, "/silences", url.Values{"matchers": {`slo="checkout/availability"`}, "for": {"1h"}, "author": {"ada"}, "reason": {text}, "back": {text}, "confirmed": {"true"}}},
			{http.MethodPost, "/maintenance", url.Values{"slo": {"checkout/availability"}, "for": {"1h"}, "by": {"ada"}, "reason": {"x"}, "title": {"x"}, "back": {text}}},
			{http.MethodPost, "/silences/" + url.PathEscape(text) + "/expire", nil},
			{http.MethodPost, "/incidents/" + url.PathEscape(text) + "/acknowledge", url.Values{"back": {text}}},
			{http.MethodPost, "/incidents/4be7a1c0d2f9/notes", url.Values{"text": {text}, "by": {text}}},
			{http.MethodGet, "/reports?period=" + url.QueryEscape(text) + "&team=" + url.QueryEscape(text), nil},
			{http.MethodGet, "/" + url.PathEscape(text) + "/", nil},
			{http.MethodGet, "/incidents/" + url.PathEscape(text) + "/", nil},
		} {
			resp, _ := h.ask(ask.method, ask.path, ask.form)
			if resp.Header.Get("Set-Cookie") == "a=b" || len(resp.Header["Location"]) > 1 {
				t.Errorf("%s: %s brings a header", name, ask.path)
			}
			stays(t, ask.method+" "+ask.path+" with "+name, h.srv.URL, resp.Header.Get("Location"))
		}
	}
}

// A path that begins with two slashes is that of another server where it is sent back as an address.
func TestAPathOfTwoSlashesLeadsNowhere(t *testing.T) {
	h := handlerOf(t, Options{Engine: newShop(noon), Ledger: newShop(noon), System: newShop(noon)})
	for _, path := range []string{"//evil.example/", "//evil.example/..", "//evil.example/incidents/", `/\evil.example/`, "//evil.example//incidents", "/incidents//evil.example/"} {
		r := httptest.NewRequest(http.MethodGet, "http://localhost/", nil)
		r.URL = &url.URL{Path: path}
		r.RequestURI = path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		stays(t, path, "http://localhost", w.Header().Get("Location"))
	}
}

func TestTheNameOfAFileIsOneNameWhateverItHolds(t *testing.T) {
	for name, text := range nasty.Texts() {
		w := httptest.NewRecorder()
		c, _ := gin.CreateTestContext(w)
		attach(c, &report.Report{Period: report.Period{Name: text}}, "csv")
		header := w.Header().Get("Content-Disposition")
		kind, parameters, err := mime.ParseMediaType(header)
		if err != nil || kind != "attachment" || len(parameters) != 1 || parameters["filename"] != "burnline-"+strings.ToValidUTF8(text, "\uFFFD")+".csv" && parameters["filename"] != "burnline-"+text+".csv" || strings.ContainsAny(header, "\r\n") {
			t.Errorf("%s: %q is %s %q, %v", name, header, kind, parameters, err)
		}
	}
}
