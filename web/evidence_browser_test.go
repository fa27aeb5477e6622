package web

import (
	"testing"
	"time"

	"burnline/slo"
)

func TestWhatIsKnownOfAnIncidentFitsPhonesAndDesksInLightAndDark(t *testing.T) {
	now := time.Now()
	srv := serve(t, newShop(now), func(o *Options) {
		o.Traces, o.Now = tracesOf(now), time.Now
		o.Evidence = func(string) *slo.Evidence {
			e := knownOfCheckout(now)
			e.Examples[0].Trace = bought
			return e
		}
	})
	ctx := browser(t)
	everywhere(t, ctx, "impact", srv.URL+"/incidents/4be7a1c0d2f9", until(ready), until(`document.querySelector("#impact .facts").textContent.includes("312")`))
	everywhere(t, ctx, "impact trace", srv.URL+"/traces/"+bought, until(ready))
}
