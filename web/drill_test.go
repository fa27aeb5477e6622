package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"burnline/alerting/drills"
)

// someDrills are one to come, one that failed and one that passed.
type someDrills []drills.Drill

func (d someDrills) List() []drills.Drill { return d }

func (someDrills) ByHand(_ context.Context, _ string, tell func(drills.Step)) error {
	tell(drills.Step{Name: "sample accepted"})
	return errors.New("counted: it did not come")
}

func weekly() someDrills {
	monday := noon.Add(-24 * time.Hour)
	return someDrills{
		{ID: "3", Schedule: "cron 0 10 * * 1 UTC", Receiver: "oncall", Due: noon.Add(6 * 24 * time.Hour)},
		{ID: "2", Schedule: "cron 0 10 * * 1 UTC", Receiver: "oncall", Due: monday, Began: monday, Ended: monday.Add(time.Minute), Attempt: 1,
			Steps: []drills.Step{{Name: "sample accepted", At: monday, After: 2 * time.Millisecond}}, Error: "answered: oncall <refused> it: 400"},
		{ID: "1", Due: noon.Add(-8 * 24 * time.Hour), Began: noon.Add(-8 * 24 * time.Hour), Ended: noon.Add(-8*24*time.Hour + 7*time.Second),
			Steps: []drills.Step{{Name: "sample accepted"}, {Name: "answered", Note: "202 success", After: 1010 * time.Millisecond}}},
	}
}

func TestTheSystemPageShowsDrillsAndTheirSteps(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) { o.Drills = weekly() })
	_, page := get(t, srv.URL+"/system")
	for _, want := range []string{">planned<", ">failed<", ">passed<", "cron 0 10 * * 1 UTC", "by hand", "answered: oncall &lt;refused&gt; it: 400", "2 steps", "202 success", "as routes lead"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if _, page := get(t, serve(t, newShop(noon), nil).URL+"/system"); strings.Contains(page, `id="drills"`) {
		t.Error("without drills there is a section of them")
	}
}

func TestDrillsAreListedAndTheirStepsTold(t *testing.T) {
	srv := serve(t, newShop(noon), func(o *Options) { o.Drills = weekly() })
	status, body := get(t, srv.URL+"/api/v1/drills")
	if status != http.StatusOK || !strings.Contains(body, `"result":`) {
		t.Errorf("status %d: %s", status, body)
	}
	_, body = ask(t, "POST", srv.URL+"/-/drill", "")
	if lines := strings.Split(strings.TrimSpace(body), "\n"); len(lines) != 2 || !strings.Contains(lines[0], `"name":"sample accepted"`) || !strings.Contains(lines[1], `"done":true,"error":"counted: it did not come"`) {
		t.Errorf("a drill by hand answers %s", body)
	}
}
