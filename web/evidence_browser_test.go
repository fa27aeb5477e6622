package web

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"

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
	var heard complaints
	heard.listen(ctx)
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{390, 1440} {
			t.Run(fmt.Sprintf("%s %d", theme, width), func(t *testing.T) {
				for name, url := range map[string]string{"impact": "/incidents/4be7a1c0d2f9", "impact trace": "/traces/" + bought} {
					var overflow, text string
					var picture []byte
					err := chromedp.Run(ctx,
						emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}}),
						chromedp.EmulateViewport(width, 1000), chromedp.Navigate(srv.URL+url), until(ready),
						chromedp.Evaluate(sideways, &overflow), chromedp.Text("main", &text), chromedp.FullScreenshot(&picture, 100))
					if err != nil {
						t.Fatalf("%s: %v; the page says %q", name, err, heard.take())
					}
					if overflow != "" {
						t.Errorf("%s scrolls sideways because of %s", name, overflow)
					}
					if lines := heard.take(); len(lines) > 0 {
						t.Errorf("%s complains:\n%s", name, strings.Join(lines, "\n"))
					}
					if name == "impact" && !strings.Contains(text, "312") {
						t.Errorf("the page doesn't say that 312 customers are hurt:\n%s", text)
					}
					if *screenshots != "" {
						save(t, fmt.Sprintf("%s-%s-%d.png", name, theme, width), picture)
					}
				}
			})
		}
	}
}
