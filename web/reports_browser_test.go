package web

import (
	"context"
	"regexp"
	"strings"
	"testing"
	"time"

	cdp "github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"burnline/slo"
	"burnline/slo/report"
)

// lastMonth is the address of the report of the month that is over.
func lastMonth() string {
	return "/reports/" + report.PeriodOf(slo.Month, time.Now(), time.UTC).Before().Name
}

// sheet finds the sizes of the pages of a PDF.
var sheet = regexp.MustCompile(`/MediaBox\s*\[\s*0 0 ([0-9.]+) ([0-9.]+)\s*\]`)

func TestAReportPrintsOnA4(t *testing.T) {
	srv := serve(t, newShop(time.Now()), func(o *Options) { o.Reports, o.Now = newBureau(t, time.Now()), time.Now })
	ctx := browser(t)
	for name, path := range map[string]string{"page": lastMonth(), "file": "/api/v1" + lastMonth() + "/html"} {
		var pdf []byte
		var shown bool
		steps := chromedp.Tasks{chromedp.Navigate(srv.URL + path), until(ready)}
		if name == "file" { // a file is saved, not shown, so it is put into an empty page
			_, body := file(t, srv.URL+path)
			steps = chromedp.Tasks{chromedp.Navigate("about:blank"), chromedp.ActionFunc(func(ctx context.Context) error {
				tree, err := cdp.GetFrameTree().Do(ctx)
				if err != nil {
					return err
				}
				return cdp.SetDocumentContent(tree.Frame.ID, body).Do(ctx)
			})}
		}
		err := chromedp.Run(ctx, steps, chromedp.Evaluate(`document.querySelectorAll("#figures tr").length > 5 && document.querySelectorAll(".calendar rect").length > 300`, &shown),
			chromedp.ActionFunc(func(ctx context.Context) (err error) {
				pdf, _, err = cdp.PrintToPDF().WithPreferCSSPageSize(true).WithPrintBackground(true).Do(ctx)
				return err
			}))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		sheets := sheet.FindAllStringSubmatch(string(pdf), -1)
		if !shown || len(sheets) < 1 || len(sheets) > 5 {
			t.Errorf("%s: complete %v, on %d pages", name, shown, len(sheets))
		}
		for _, s := range sheets { // 210 × 297 mm in points of 1/72 inch
			if !strings.HasPrefix(s[1], "59") || !strings.HasPrefix(s[2], "84") {
				t.Errorf("%s: a page is %s × %s points, which is not A4", name, s[1], s[2])
			}
		}
		if *screenshots != "" {
			save(t, "report-printed-"+name+".pdf", pdf)
		}
	}
	_, own := file(t, srv.URL+"/api/v1"+lastMonth()+"/pdf")
	if sheets := sheet.FindAllStringSubmatch(own, -1); len(sheets) < 1 || !strings.HasPrefix(sheets[0][1], "595.") || !strings.HasPrefix(sheets[0][2], "841.") {
		t.Errorf("the PDF has the sheets %v", sheets)
	}
	if *screenshots != "" {
		save(t, "report.pdf", []byte(own))
	}
}
