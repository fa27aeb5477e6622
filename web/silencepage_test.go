package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// send posts a form and returns status, page and where the answer leads.
func send(t *testing.T, address string, form url.Values) (int, string, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var page strings.Builder
	if err := resp.Write(&page); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, page.String(), resp.Header.Get("Location")
}

// submit is send with the form as browsers write it.
func submit(t *testing.T, address, form string) (status int, page string) {
	t.Helper()
	fields, err := url.ParseQuery(form)
	if err != nil {
		t.Fatal(err)
	}
	status, page, _ = send(t, address, fields)
	return status, page
}

func TestThePageOfSilencesPutsOneInForceAndEndsIt(t *testing.T) {
	_, base := silenceable(t)
	if _, page := get(t, base+"/silences"); !strings.Contains(page, "No silence is active: everything is told.") || !strings.Contains(page, "Write a matcher") {
		t.Errorf("without a silence the page is\n%s", page)
	}
	form := url.Values{"matchers": {"service=\"checkout\"\n\nregion=\"eu\""}, "for": {"2h"}, "author": {"ada <b>"}, "reason": {"a new database"}, "until_resolved": {"1"}, "ceiling": {"0"}}
	status, _, to := send(t, base+"/silences", form)
	if status != http.StatusSeeOther || !strings.HasPrefix(to, "/silences#silence-5f3c") {
		t.Fatalf("%d, it leads to %q", status, to)
	}
	_, page := get(t, base+"/silences")
	for _, part := range []string{"1 silence holds messages back, for another 2 h: a new database.", "service=&#34;checkout&#34;", "region=&#34;eu&#34;", "ada &lt;b&gt;", "or until it is resolved", "End it"} {
		if !strings.Contains(page, part) {
			t.Errorf("the page does not say %q:\n%s", part, page)
		}
	}
	id := strings.TrimPrefix(to, "/silences#silence-")
	if status, page, _ := send(t, base+"/silences/"+id+"/expire", url.Values{"author": {" "}}); status != http.StatusUnprocessableEntity || !strings.Contains(page, "write who ends it") {
		t.Errorf("ended by nobody: %d\n%s", status, page)
	}
	if status, _, _ := send(t, base+"/silences/"+id+"/expire", url.Values{"author": {"grace"}}); status != http.StatusSeeOther {
		t.Errorf("ended: %d", status)
	}
	if _, page := get(t, base+"/silences"); !strings.Contains(page, "ended by grace") || strings.Contains(page, ">End it<") {
		t.Errorf("after its end the page is\n%s", page)
	}
	if status, _, _ := send(t, base+"/silences/never-was/expire", url.Values{"author": {"grace"}}); status != http.StatusNotFound {
		t.Errorf("the end of one that never was: %d", status)
	}
}

func TestThePageOfSilencesSaysWhatIsWrongAndKeepsTheForm(t *testing.T) {
	_, base := silenceable(t)
	status, page, _ := send(t, base+"/silences", url.Values{"matchers": {"(\nservice!=\"x\""}, "for": {"8d"}, "reason": {"kept in the form"}, "ceiling": {"high"}})
	if status != http.StatusUnprocessableEntity || !strings.Contains(page, "is no number") || !strings.Contains(page, "read: ") || !strings.Contains(page, `value="kept in the form"`) {
		t.Errorf("%d\n%s", status, page)
	}
	wide := url.Values{"matchers": {`slo=~".+/.+"`}, "for": {"1h"}, "author": {"ada"}, "reason": {"all"}}
	if status, page, _ := send(t, base+"/silences", wide); status != http.StatusConflict || !strings.Contains(page, "It is not in force yet: it mutes 10 of 10 SLOs.") {
		t.Errorf("%d\n%s", status, page)
	}
	wide.Set("confirmed", "1")
	if status, page, _ := send(t, base+"/silences", wide); status != http.StatusSeeOther {
		t.Errorf("confirmed: %d\n%s", status, page)
	}
	if _, page := get(t, base+"/silences?matchers="+url.QueryEscape(`service!="x"`)); !strings.Contains(page, "says what to mute") {
		t.Errorf("a preview of nearly everything:\n%s", page)
	}
}

func TestAnOpenIncidentLeadsToItsSilence(t *testing.T) {
	_, base := silenceable(t)
	_, page := get(t, base+"/incidents/4be7a1c0d2f9")
	const link = `href="/silences?matchers=slo%3D%22checkout%2Favailability%22%0Aregion%3D%22eu%22"`
	if !strings.Contains(page, link) {
		t.Fatalf("the page has no link %s:\n%s", link, page)
	}
	if _, page := get(t, base+"/silences?matchers=slo%3D%22checkout%2Favailability%22%0Aregion%3D%22eu%22"); !strings.Contains(page, "1 of 1 open incident") {
		t.Errorf("its matchers don't match it:\n%s", page)
	}
}

func TestThePreviewFollowsWhatIsWritten(t *testing.T) {
	t.Parallel()
	_, base := silenceable(t)
	ctx := browser(t)
	var c complaints
	c.listen(ctx)
	err := chromedp.Run(ctx, chromedp.Navigate(base+"/silences"), chromedp.SendKeys("#f-matchers", `slo="search/latency"`),
		chromedp.Poll(`document.querySelector("#preview").innerText.includes("1 of 10 SLOs")`, nil, chromedp.WithPollingTimeout(30*time.Second)),
		chromedp.Poll(`document.activeElement.id === "f-matchers" && location.search.includes("search")`, nil, chromedp.WithPollingTimeout(30*time.Second)))
	if err != nil {
		t.Error(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.lines) > 0 {
		t.Errorf("the browser complains: %q", c.lines)
	}
}
