package promapi

import (
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAnAnswerHoldsAtMostSoManySeries(t *testing.T) {
	const isForm = "application/x-www-form-urlencoded"
	for _, tc := range []struct{ name, method, query, kind, form, wantQuery, wantForm string }{
		{"no limit is asked for", "GET", "query=up", "", "", "limit=100&query=up", ""},
		{"none at all is asked for", "GET", "limit=0", "", "", "limit=100", ""},
		{"a higher one", "GET", "limit=1000", "", "", "limit=100", ""},
		{"a lower one stays", "GET", "limit=10", "", "", "limit=10", ""},
		{"what is no number is left to who says so", "GET", "limit=many", "", "", "limit=many", ""},
		{"a form", "POST", "", isForm, "query=up", "", "limit=100&query=up"},
		{"a limit in the form goes before one in the address", "POST", "limit=5", isForm, "limit=1000", "limit=5", "limit=100"},
		{"remote read has no parameters", "POST", "", "application/x-protobuf", "\x01", "limit=100", "\x01"},
	} {
		r := httptest.NewRequest(tc.method, "/?"+tc.query, strings.NewReader(tc.form))
		r.Header.Set("Content-Type", tc.kind)
		if form := string(bound(r, []byte(tc.form), 100)); form != tc.wantForm || r.URL.RawQuery != tc.wantQuery {
			t.Errorf("%s: %q with form %q, want %q with %q", tc.name, r.URL.RawQuery, form, tc.wantQuery, tc.wantForm)
		}
	}
}
