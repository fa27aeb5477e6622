package web

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// screens are the widths of what pages are read on: a phone, a tablet, laptops and a wall.
var screens = []int64{390, 768, 1280, 1440, 1920}

// audited are the widths at which axe looks at a page, by theme. What it finds hangs on the form of the page,
// which is one for phones and one for desks, and on colours.
var audited = map[string]int64{"light": 1440, "dark": 390}

// axe finds what keeps people from using a page.
//
//go:embed testdata/axe/axe.min.js
var axe string

// looker opens pages in a browser, and looks at them as people do.
type looker struct {
	ctx   context.Context
	heard *complaints
}

// lookerIn looks in a browser's tab.
func lookerIn(ctx context.Context) looker {
	l := looker{ctx, &complaints{}}
	l.heard.listen(ctx)
	return l
}

// everywhere opens a page in light and in dark, does what makes it complete, and looks at it on every screen.
func (l looker) everywhere(t *testing.T, name, url string, complete ...chromedp.Action) {
	t.Helper()
	for _, theme := range []string{"light", "dark"} {
		t.Run(name+" "+theme, func(t *testing.T) {
			err := chromedp.Run(l.ctx, inTheme(theme), chromedp.EmulateViewport(1280, 1000), chromedp.Navigate(url), chromedp.Tasks(complete))
			if err != nil {
				t.Fatalf("%v; the page says %q", err, l.heard.take())
			}
			l.look(t, name, theme)
		})
	}
}

// inTheme prefers light or dark, as the system's settings do.
func inTheme(theme string) chromedp.Action {
	return emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: theme}})
}

// look goes over the page that is open on every screen: it fits, nothing complains, and axe finds nothing.
func (l looker) look(t *testing.T, name, theme string) {
	t.Helper()
	for _, width := range screens {
		err := chromedp.Run(l.ctx, chromedp.EmulateViewport(width, 1000), until("window.innerWidth === "+fmt.Sprint(width)))
		if err != nil {
			t.Fatal(err)
		}
		// Charts follow the new width a moment later.
		if err := chromedp.Run(l.ctx, until(sideways+` === ""`)); err != nil {
			var wide string
			_ = chromedp.Run(l.ctx, chromedp.Evaluate(sideways, &wide))
			t.Errorf("%s scrolls sideways at %d px because of %s", name, width, wide)
		}
		if width == audited[theme] {
			if found := audit(t, l.ctx); found != "" {
				t.Errorf("axe finds of %s at %d px:\n%s", name, width, found)
			}
		}
		l.picture(t, name, theme, width)
	}
	if lines := l.heard.take(); len(lines) > 0 {
		t.Errorf("%s complains:\n%s", name, strings.Join(lines, "\n"))
	}
}

// picture keeps a picture of the whole page, where they are asked for.
func (l looker) picture(t *testing.T, name, theme string, width int64) {
	t.Helper()
	if *screenshots == "" || !slices.Contains(screens, width) {
		return
	}
	var picture []byte
	if err := chromedp.Run(l.ctx, chromedp.FullScreenshot(&picture, 100)); err != nil {
		t.Fatal(err)
	}
	save(t, fmt.Sprintf("%s-%s-%d.png", name, theme, width), picture)
}

// audit runs axe-core over the page that is open.
func audit(t *testing.T, ctx context.Context) string {
	t.Helper()
	var found string
	err := chromedp.Run(ctx, chromedp.Evaluate(axe+";0", nil), chromedp.Evaluate(
		`axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.slice(0, 4).map(n => n.target + " " + n.failureSummary).join(" | ")).join("\n"))`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// sideways names the elements that make a page wider than its screen.
const sideways = `(() => {
	const wide = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= wide) return "";
	return [...document.querySelectorAll("body *")].filter(e => e.getBoundingClientRect().right > wide + 1 && !e.closest("pre"))
		.slice(0, 5).map(e => e.tagName + "." + e.className).join(", ") || "unknown";
})()`

func save(t *testing.T, name string, picture []byte) {
	t.Helper()
	if err := os.MkdirAll(*screenshots, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*screenshots, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}
