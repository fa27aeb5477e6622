package web

import (
	"context"
	"crypto/sha256"
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

	"burnline/internal/harness/patience"
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

// everywhere opens a page in a window of its own, beside others, in light and in dark, does what makes it
// complete, and looks at it on every screen.
func everywhere(t *testing.T, browser context.Context, name, url string, complete ...chromedp.Action) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		l := lookerIn(ownWindow(t, browser))
		for _, theme := range []string{"light", "dark"} {
			l.open(t, theme, url, complete...)
			l.look(t, name, theme)
		}
	})
}

// open opens a page, and does what makes it complete.
func (l looker) open(t *testing.T, theme, url string, complete ...chromedp.Action) {
	t.Helper()
	l.do(t, inTheme(theme), chromedp.EmulateViewport(1280, 1000), chromedp.Navigate(url))
	l.do(t, complete...)
}

// do does what comes to its end on any machine that is not stuck.
func (l looker) do(t *testing.T, actions ...chromedp.Action) {
	t.Helper()
	ctx, cancel := context.WithTimeout(l.ctx, 2*patience.Limit)
	defer cancel()
	if err := chromedp.Run(ctx, actions...); err != nil {
		t.Fatalf("%v; the page says %q", err, l.heard.take())
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
		l.do(t, chromedp.EmulateViewport(width, 1000), until("window.innerWidth === "+fmt.Sprint(width)))
		// Charts follow the new width a moment later.
		if err := chromedp.Run(l.ctx, until(sideways+` === ""`)); err != nil {
			var wide string
			_ = chromedp.Run(l.ctx, chromedp.Evaluate(sideways, &wide))
			t.Errorf("%s scrolls sideways at %d px because of %s", name, width, wide)
		}
		if width == audited[theme] {
			if found := l.audit(t); found != "" {
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
	l.do(t, chromedp.FullScreenshot(&picture, 100))
	save(t, fmt.Sprintf("%s-%s-%d.png", name, theme, width), picture)
}

// audit runs axe-core over the page that is open.
func (l looker) audit(t *testing.T) string {
	t.Helper()
	var found string
	l.do(t, chromedp.Evaluate(axe+";0", nil), chromedp.Evaluate(
		`axe.run().then(r => r.violations.map(v => v.id + ": " + v.nodes.slice(0, 4).map(n => n.target + " " + n.failureSummary).join(" | ")).join("\n"))`,
		&found, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
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

func TestWhatAuditsThePagesIsWhatItsMakersPublished(t *testing.T) {
	about, err := os.ReadFile("testdata/axe/README.md")
	if err != nil {
		t.Fatal(err)
	}
	if sum := fmt.Sprintf("%x", sha256.Sum256([]byte(axe))); !strings.Contains(string(about), sum) {
		t.Errorf("axe.min.js has the SHA-256 %s, and testdata/axe/README.md names another", sum)
	}
}
