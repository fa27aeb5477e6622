package web

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"burnline/alerting/reviews"
	"burnline/internal/harness/patience"
	"burnline/internal/tracesearch/tracetest"
	"burnline/slo"
)

// screenshots makes the browser test write a picture of every page.
var screenshots = flag.String("screenshots", "", "folder to write pictures of the pages to")

const chromium = "/usr/bin/chromium"

// browser starts one headless browser for a test.
func browser(t *testing.T) context.Context {
	t.Helper()
	if _, err := os.Stat(chromium); err != nil {
		t.Fatalf("this test needs a browser: install Debian's chromium (%v)", err)
	}
	opts := []chromedp.ExecAllocatorOption{
		chromedp.ExecPath(chromium), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.UserDataDir(t.TempDir()), chromedp.WSURLReadTimeout(patience.Limit),
	}
	ctx := context.Background()
	if over, ok := t.Deadline(); ok { // what hangs is named before the whole run is ended
		bounded, cancel := context.WithDeadline(ctx, over.Add(-10*time.Second))
		t.Cleanup(cancel)
		ctx = bounded
	}
	ctx, stop := chromedp.NewExecAllocator(ctx, opts...)
	t.Cleanup(stop)
	quiet := func(string, ...any) {} // it reports events that it does not know
	return atHand(t, ctx, chromedp.WithErrorf(quiet))
}

// ownWindow opens a page in a window of its own in a browser that runs, which shares nothing with the others;
// covered by others it stays as awake as the one in front.
func ownWindow(t *testing.T, browser context.Context) context.Context {
	t.Helper()
	var page target.ID
	inBrowser := cdp.WithExecutor(browser, chromedp.FromContext(browser).Browser)
	room, err := target.CreateBrowserContext().Do(inBrowser)
	if err == nil {
		page, err = target.CreateTarget("about:blank").WithBrowserContextID(room).WithNewWindow(true).Do(inBrowser)
	}
	if err != nil {
		t.Fatalf("open a window: %v", err)
	}
	ctx := atHand(t, browser, chromedp.WithTargetID(page))
	if err := chromedp.Run(ctx, emulation.SetFocusEmulationEnabled(true)); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	return ctx
}

// atHand waits until a page, and with the first one the browser, is there; closing it at the end of the test
// waits for it to be gone.
func atHand(t *testing.T, ctx context.Context, option chromedp.ContextOption) context.Context {
	t.Helper()
	ctx, _ = chromedp.NewContext(ctx, option)
	if err := chromedp.Run(ctx); err != nil {
		t.Fatalf("start the browser: %v", err)
	}
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil {
			t.Logf("close the browser: %v", err)
		}
	})
	return ctx
}

// complaints collects what the page's console and network report.
type complaints struct {
	mu    sync.Mutex
	lines []string
}

func (c *complaints) listen(ctx context.Context) {
	add := func(format string, args ...any) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.lines = append(c.lines, fmt.Sprintf(format, args...))
	}
	chromedp.ListenTarget(ctx, func(ev any) {
		switch ev := ev.(type) {
		case *runtime.EventExceptionThrown:
			add("exception: %s", ev.ExceptionDetails.Error())
		case *log.EventEntryAdded:
			if ev.Entry.Level == log.LevelError || ev.Entry.Level == log.LevelWarning {
				add("%s: %s %s", ev.Entry.Level, ev.Entry.Text, ev.Entry.URL)
			}
		case *runtime.EventConsoleAPICalled:
			if ev.Type == runtime.APITypeError || ev.Type == runtime.APITypeWarning {
				add("console %s: %v", ev.Type, ev.Args)
			}
		case *network.EventResponseReceived:
			if ev.Response.Status >= 400 {
				add("%d for %s", ev.Response.Status, ev.Response.URL)
			}
		}
	})
}

func (c *complaints) take() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	lines := c.lines
	c.lines = nil
	return lines
}

// until evaluates a JavaScript expression until it is true, also across a
// navigation, while which there is nothing to evaluate it in.
func until(expr string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		ctx, cancel := context.WithTimeout(ctx, patience.Limit)
		defer cancel()
		again := time.NewTicker(50 * time.Millisecond)
		defer again.Stop()
		var last error
		for {
			var ok bool
			if last = chromedp.Evaluate("Boolean("+expr+")", &ok).Do(ctx); ok {
				return nil
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s never came true: %w", expr, errors.Join(ctx.Err(), last))
			case <-again.C:
			}
		}
	})
}

// ready is true once the stream is live and every chart is drawn.
const ready = `document.getElementById("fresh")?.dataset.live === "yes" &&
	[...document.querySelectorAll("figure[data-chart]")].every(f => f.dataset.drawn)`

func TestEveryPageFitsEveryScreenInLightAndDark(t *testing.T) {
	s := newShop(time.Now())
	srv := serve(t, s, func(o *Options) {
		o.Corrections, o.Now = &ledgerOfCorrections{defs: s.Definitions}, time.Now
		explaining(o)
		o.WhatIf, o.Heat = replayed, warm
	})
	empty := serve(t, &shop{now: time.Now(), health: Health{OTLPGRPC: "127.0.0.1:4317", OTLPHTTP: "127.0.0.1:4318", SLOPaths: []string{"slos/"}, Version: "0.1.0"}}, func(o *Options) { o.Now = time.Now })
	kept := serve(t, s, func(o *Options) {
		o.Traces, o.Corrections, o.Now = tracesOf(time.Now()), &ledgerOfCorrections{defs: s.Definitions}, time.Now
	})
	none := serve(t, s, func(o *Options) { o.Traces, o.Now = &tracetest.Memory{}, time.Now })
	crowded := serve(t, crowd(newShop(time.Now()), 1000), func(o *Options) { o.Now = time.Now })
	told := newPromises(t, time.Now())
	beside := serve(t, told.shop, func(o *Options) { told.options(o); o.Now = time.Now })
	duty := newShop(time.Now())
	onDuty := serve(t, duty, func(o *Options) {
		oncall(t, duty, duty.now)(o)
		o.Traces, o.StatusPosts, o.Now = tracesOf(duty.now), postsOf(t, writtenTo(duty.now)), time.Now
	})
	people := serve(t, s, func(o *Options) {
		o.Access, o.Now = Access{Keeper: populated(t), Note: "Sign-in is off: whoever reaches 127.0.0.1:9900 may do everything."}, time.Now
	})
	reports := serve(t, s, func(o *Options) { o.Reports, o.Now = newBureau(t, time.Now()), time.Now })
	pages := map[string]string{
		"oncall": onDuty.URL + "/incidents/4be7a1c0d2f9", "oncall-over": onDuty.URL + "/incidents/9cd812", "handover": onDuty.URL + "/handover?from=" + unix(duty.now.Add(-4*day)), "week": onDuty.URL + "/review?week=" + reviews.WeekOf(duty.now.AddDate(0, 0, -3)),
		"oncall-slo": onDuty.URL + "/slo/checkout/availability",
		"silences":   onDuty.URL + "/silences?matchers=slo%3D%22checkout%2Favailability%22", "audit refused": people.URL + "/audit?outcome=refused",
		"access": people.URL + "/access", "audit": people.URL + "/audit",
		"report running": reports.URL + "/reports", "report closed": reports.URL + lastMonth(),
		"promise": beside.URL + "/slo/pay/availability?range=30d", "composite": beside.URL + "/slo/shop/buying", "dark": beside.URL + "/slo/edge/up", "filling": beside.URL + "/slo/edge/probe",
		"posts": onDuty.URL + "/posts?slo=checkout%2Favailability", "promises": beside.URL + "/?team=commerce", "corrections": beside.URL + "/corrections", "blind": beside.URL + "/incidents/b11nd", "alert": beside.URL + "/incidents/a1e47", "rules": beside.URL + "/system",
		"fleet": crowded.URL + "/?rows=50", "fleet grouped": crowded.URL + "/?by=team&fold=team-1&fold=team-2&label=region%3Dr1&q=service", "fleet folded": crowded.URL + "/?by=service&fold=%2A",
		"latency": srv.URL + "/slo/checkout/latency", "what if": srv.URL + "/whatif/search/latency?objective=99&days=14&policies=-+%7Bseverity%3A+page%2C+long%3A+1h%2C+short%3A+5m%2C+factor%3A+5%7D",
		"heat":     srv.URL + "/heat/search/latency?range=6h",
		"where":    srv.URL + "/where/checkout/availability?group=region%3Deu&range=1h",
		"overview": srv.URL + "/", "slo": srv.URL + "/slo/checkout/availability?group=region%3Deu", "unknown": srv.URL + "/slo/loyalty/points",
		"incidents": srv.URL + "/incidents", "incident": srv.URL + "/incidents/4be7a1c0d2f9", "system": srv.URL + "/system", "empty": empty.URL + "/",
		"traces": kept.URL + "/traces", "traces found": kept.URL + "/traces?service=payment&q=%7B+status+%3D+error+%7D", "trace": kept.URL + "/traces/" + bought,
		"trace large": kept.URL + "/traces/" + nightly, "trace in parts": kept.URL + "/traces/" + partial, "no traces": none.URL + "/traces",
	}
	ctx := browser(t)
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		everywhere(t, ctx, name, pages[name], until(ready))
	}
	t.Run("report of nobody", func(t *testing.T) {
		t.Parallel()
		l := lookerIn(ownWindow(t, ctx))
		l.open(t, "light", reports.URL+"/reports?team=nobody", until(ready))
		if lines := l.heard.take(); len(lines) == 0 || !strings.HasPrefix(lines[0], "404 for ") {
			t.Errorf("a team that is none is not said to be none; the page says %q", lines)
		}
		l.look(t, "report of nobody", "light")
	})
}

func TestAChangeArrivesWithoutAReloadAndMovesNothing(t *testing.T) {
	s := newShop(time.Now())
	srv := serve(t, s, func(o *Options) { o.Now = time.Now })
	ctx := browser(t)
	err := chromedp.Run(ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(srv.URL+"/?sort=name"), until(ready),
		chromedp.Evaluate(`window.kept = document.querySelector("#slos tbody tr:nth-child(9)"); window.kept.querySelector(".row-link").focus(); window.scrollTo(0, 260)`, nil),
		until(`window.scrollY === 260`), chromedp.Evaluate(`window.top0 = window.kept.getBoundingClientRect().top`, nil))
	if err != nil {
		t.Fatal(err)
	}
	s.change(func() {
		for i := range s.statuses {
			if s.statuses[i].ID == "storefront/availability" {
				s.statuses[i].State = slo.StateBurning
			}
		}
	})
	// What the reader looks at stays where it is on the screen, although the
	// sentence and what is open, above it and out of sight, grow by a line each.
	var steady bool
	err = chromedp.Run(ctx,
		until(`document.querySelector("h1").textContent.startsWith("2 of 12 error budgets burn too fast")`),
		until(`document.querySelector("tr[id='row-/slo/storefront/availability'] .state").textContent.includes("burning")`),
		chromedp.Evaluate(`window.kept.isConnected && document.activeElement === window.kept.querySelector(".row-link") && Math.abs(window.kept.getBoundingClientRect().top - window.top0) < 1`, &steady))
	if err != nil || !steady {
		t.Errorf("the update lost the focus or the row, or moved it: %v", err)
	}
}

func TestALostStreamIsShownAndComesBack(t *testing.T) {
	s := newShop(time.Now())
	srv := serve(t, s, func(o *Options) { o.Now = time.Now })
	ctx := browser(t)
	err := chromedp.Run(ctx, chromedp.Navigate(srv.URL+"/"), until(ready), network.Enable(), network.EmulateNetworkConditions(true, 0, 0, 0))
	if err != nil {
		t.Fatal(err)
	}
	srv.CloseClientConnections()
	if err := chromedp.Run(ctx, until(`!document.getElementById("stale").hidden && document.getElementById("fresh").dataset.live === "no"`)); err != nil {
		t.Fatalf("a lost stream is not shown: %v", err)
	}
	if err := chromedp.Run(ctx, network.EmulateNetworkConditions(false, 0, -1, -1), until(`document.getElementById("stale").hidden && document.getElementById("fresh").dataset.live === "yes"`)); err != nil {
		t.Fatalf("the stream does not come back: %v", err)
	}
}

// goTo presses g and a letter at one moment, since the page forgets a g soon. The moment is the page's own: keys
// that carry one of another clock are dropped by a browser that takes them for older than its page.
func goTo(letter string) chromedp.Action {
	return chromedp.Evaluate(fmt.Sprintf(`for (const key of ["g", %q]) document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }))`, letter), nil)
}

// slash presses the key as one event with its text, as a real keyboard does, so
// that a page that takes the key also swallows the character.
func slash() chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		if err := input.DispatchKeyEvent(input.KeyDown).WithKey("/").WithText("/").Do(ctx); err != nil {
			return err
		}
		return input.DispatchKeyEvent(input.KeyUp).WithKey("/").Do(ctx)
	})
}

func TestTheKeyboardReachesEverything(t *testing.T) {
	s := newShop(time.Now())
	srv := serve(t, s, func(o *Options) {
		o.Corrections, o.Traces, o.Now = &ledgerOfCorrections{defs: s.Definitions}, tracesOf(time.Now()), time.Now
	})
	crowded := serve(t, crowd(newShop(time.Now()), 1000), func(o *Options) { o.Now = time.Now })
	ctx := browser(t)
	focused := func(want string) chromedp.Action { return until(`document.activeElement.matches(` + want + `)`) }
	at := func(path string) chromedp.Action {
		return until(`location.pathname + location.search === "` + path + `"`)
	}
	steps := []struct {
		name    string
		actions []chromedp.Action
	}{
		{"tab reaches the skip link first", []chromedp.Action{chromedp.Navigate(srv.URL + "/"), until(ready), chromedp.KeyEvent(kb.Tab), focused(`".skip"`)}},
		{"/ filters, and the URL holds it", []chromedp.Action{slash(), focused(`"#q"`), chromedp.KeyEvent("search"), at("/?q=search"),
			until(`document.querySelectorAll("#slos tbody tr").length === 1`)}},
		{"Escape leaves the filter", []chromedp.Action{chromedp.KeyEvent(kb.Escape), focused(`"body"`)}},
		{"? opens the help, Escape closes it", []chromedp.Action{chromedp.KeyEvent("?"), until(`document.getElementById("help").open`), chromedp.KeyEvent(kb.Escape), until(`!document.getElementById("help").open`)}},
		{"j walks down and Enter opens", []chromedp.Action{goTo("s"), at("/"), until(ready), chromedp.KeyEvent("jj"), focused(`"#slos tbody tr:first-child .row-link"`), chromedp.KeyEvent("k"),
			focused(`".open-incident .row-link"`), chromedp.KeyEvent("j"), chromedp.KeyEvent(kb.Enter), at("/slo/checkout/availability?group=region%3Deu"), until(ready)}},
		{"u goes up", []chromedp.Action{chromedp.KeyEvent("u"), at("/"), until(ready)}},
		{"a team is chosen and stands in the URL", []chromedp.Action{chromedp.SetValue("#team", "billing"), chromedp.Evaluate(`document.getElementById("team").dispatchEvent(new Event("change", {bubbles: true}))`, nil), at("/?q=&team=billing"),
			until(`document.querySelectorAll("#slos tbody tr").length === 2`)}},
		{"a group folds and opens in place", []chromedp.Action{chromedp.Navigate(srv.URL + "/?by=team&sort=name"), until(ready), chromedp.Focus("#head-billing .row-link"), chromedp.KeyEvent(kb.Enter), at("/?by=team&fold=billing&sort=name"),
			until(`document.querySelectorAll("#slos tr[data-row]:not(.head)").length === 10`), focused(`"#head-billing .row-link"`), chromedp.KeyEvent(kb.Enter), at("/?by=team&sort=name")}},
		{"n and p turn pages, j walks down one", []chromedp.Action{chromedp.Navigate(crowded.URL + "/?sort=name&rows=50"), until(ready), chromedp.KeyEvent("n"), at("/?page=2&rows=50&sort=name"), until(ready), chromedp.KeyEvent("n"), at("/?page=3&rows=50&sort=name"), until(ready),
			chromedp.KeyEvent("p"), at("/?page=2&rows=50&sort=name"), until(ready), chromedp.KeyEvent("k"), focused(`"#slos tbody tr:last-child .row-link"`)}},
		{"the link of what is chosen is copied", []chromedp.Action{chromedp.Click("#copy"), until(`document.getElementById("copied").textContent !== ""`), chromedp.Navigate(srv.URL + "/"), until(ready)}},
		{"g c goes to the corrections", []chromedp.Action{goTo("c"), at("/corrections"), until(ready)}},
		{"g i goes to the incidents, g h to the system", []chromedp.Action{goTo("i"), at("/incidents"), until(ready), goTo("h"), at("/system"), until(ready)}},
		{"g t goes to the traces, / to their services, j walks down and Enter opens", []chromedp.Action{goTo("t"), at("/traces"), until(ready), slash(), focused(`"#q"`), chromedp.KeyEvent(kb.Escape),
			chromedp.KeyEvent("j"), focused(`".traces tbody tr:first-child .row-link"`), chromedp.KeyEvent(kb.Enter), at("/traces/" + bought), until(ready)}},
		{"j and Enter choose a span, whose details stand in the URL", []chromedp.Action{chromedp.KeyEvent("jj"), focused(`".wf tbody tr:nth-child(2) .row-link"`), chromedp.KeyEvent(kb.Enter),
			at("/traces/" + bought + "?span=0000000000000002"), until(`document.querySelector("#h-span").textContent.startsWith("GET /cart")`), until(ready)}},
		{"u leads up to the search", []chromedp.Action{chromedp.KeyEvent("u"), at("/traces"), until(ready)}},
		{"t chooses light, dark and the system's theme", []chromedp.Action{chromedp.KeyEvent("t"), until(`document.documentElement.dataset.theme === "light"`),
			chromedp.KeyEvent("t"), until(`document.documentElement.dataset.theme === "dark"`), chromedp.Reload(), until(`document.documentElement.dataset.theme === "dark"`), until(ready),
			chromedp.KeyEvent("t"), until(`!document.documentElement.dataset.theme`)}},
	}
	for _, step := range steps {
		if err := chromedp.Run(ctx, step.actions...); err != nil {
			var where string
			_ = chromedp.Run(ctx, chromedp.Evaluate(`location.href + " " + document.activeElement.outerHTML.slice(0, 120)`, &where))
			t.Fatalf("%s: %v at %s", step.name, err, where)
		}
	}
}
