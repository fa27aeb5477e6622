package promapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"burnline/web/limits"
)

func TestTooManyAtOnceWaitAndAreThenToldToComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, turns, release := &handler{}, limits.NewTurns(1, waitForTurn), make(chan struct{})
		slow := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
		first := make(chan int)
		go func() {
			w := httptest.NewRecorder()
			h.inTurn(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), turns, slow)
			first <- w.Code
		}()
		synctest.Wait()
		w := httptest.NewRecorder()
		h.inTurn(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), turns, slow)
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || !strings.Contains(w.Body.String(), "too many requests") {
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		close(release)
		if code := <-first; code != http.StatusOK {
			t.Errorf("the first got status %d", code)
		}
		w = httptest.NewRecorder()
		h.inTurn(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil), turns, slow)
		if w.Code != http.StatusOK {
			t.Errorf("after a turn was free: status %d", w.Code)
		}
	})
}
