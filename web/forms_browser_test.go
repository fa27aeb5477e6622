package web

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// farthest is how many Tabs a form's first field may be away from the top of its page, or one field from the next.
const farthest = 100

// entry is a field that somebody fills in.
type entry struct {
	field, text string
	// then is true, as JavaScript, once the page shows what follows from it; empty where nothing does.
	then string
}

// deed is what somebody does by a form without a mouse.
type deed struct {
	name string
	// path is the page that has the form, of the server where people sign in if the row's door is true.
	path   string
	people bool
	// unfold is what opens the form; empty where it is open.
	unfold string
	// leads is the page that has the form, where unfold is a link to it; empty where it is on the same one.
	leads string
	// fill are its fields in the order of the page.
	fill []entry
	// send is what is pressed last, and with which key.
	send, key string
	// done is true, as JavaScript, on the page that follows.
	done string
	// lands is the part of that page in which, or behind which, the next Tab leads on.
	lands string
	// refused says that the server takes the form back to be mended, of which the browser complains.
	refused bool
}

// deeds are the forms of all pages that change something, or ask something of weight.
func deeds() []deed {
	const incident = "/incidents/4be7a1c0d2f9"
	const silence = "5f3c0000-0000-4000-8000-000000000001"
	user := func(name string) []entry {
		return []entry{{field: "#f-user", text: name}, {field: "#f-display", text: "Cy Ortega"}, {field: "#f-role", text: "editor"}, {field: "#f-user-teams", text: "payments"}, {field: "#f-user-password", text: goodPassword}}
	}
	says := func(where, what string) string {
		return fmt.Sprintf("document.querySelector(%q)?.textContent.includes(%q)", where, what)
	}
	focus := func(id string) string { return fmt.Sprintf("document.activeElement.id === %q", id) }
	return []deed{
		{name: "an incident is acknowledged", path: incident, fill: []entry{{field: "#ack-by", text: "Cy Ortega"}}, send: "#acknowledge button", key: kb.Enter, done: says("#holder", "Cy Ortega"), lands: "#now"},
		{name: "a note is added", path: incident, fill: []entry{{field: "#note-text", text: "The bank answers again."}, {field: "#note-by", text: "Cy Ortega"}}, send: "#note button", key: " ", done: says("#timeline .story", "The bank answers again."), lands: "#timeline"},
		{name: "an action is added", path: incident, unfold: "#add-action > summary", fill: []entry{{field: "#a-text", text: "Ask the bank twice"}, {field: "#a-owner", text: "Ben Okafor"}, {field: "#a-by", text: "Cy Ortega"}}, send: "#action-form button", key: kb.Enter, done: says("#actions", "Ask the bank twice"), lands: "#after"},
		{name: "an action is done", path: incident, fill: []entry{{field: "#end-a1", text: "Cy Ortega"}}, send: "#action-a1 button", key: " ", done: says("#action-a1", "says Cy Ortega"), lands: "#after"},
		{name: "a verdict is given, by Enter in its last field", path: incident, fill: []entry{{field: "#v-why", text: "customers called"}}, send: "#v-by", key: "Cy Ortega\r", done: says("#verdict b", "useful"), lands: "#after"},
		{name: "the other verdict is given", path: incident, fill: []entry{{field: "#v-by", text: "Cy Ortega"}}, send: "#verdict-form button[value=noise]", key: " ", done: says("#verdict b", "noise"), lands: "#after"},
		{name: "maintenance starts from an incident", path: incident, unfold: "#maintain > summary", fill: []entry{{field: "#m-title", text: "A new bank"}, {field: "#m-for", text: "2h"}, {field: "#m-reason", text: "CHG-1"}, {field: "#m-by", text: "Cy Ortega"}, {field: "#maintain-form [name=confirmed]", text: " "}},
			send: "#maintain-form button", key: kb.Enter, done: `location.hash === "#told"`, lands: "#told"},
		{name: "maintenance starts from an SLO", path: "/slo/checkout/availability", unfold: "#maintain > summary", fill: []entry{{field: "#m-title", text: "A new bank"}, {field: "#m-reason", text: "CHG-1"}}, send: "#m-by", key: "Cy Ortega\r", done: `location.pathname === "/slo/checkout/availability"`, lands: ".skip"},
		{name: "an incident is silenced, with what that mutes shown", path: incident, unfold: "#silence-now > summary", fill: []entry{{field: "#s-for", text: "1h", then: says("#preview", "1 of 1 open incident")}, {field: "#s-reason", text: "it is known"}, {field: "#s-author", text: "Cy Ortega"}, {field: "#silence-form [name=confirmed]", text: " "}},
			send: "#silence-form button", key: " ", done: says("#told", "it is known"), lands: "#told"},
		{name: "something is silenced, with what that mutes shown as it is written", path: "/silences", fill: []entry{{field: "#f-matchers", text: `slo="search/latency"`, then: `document.querySelector("#preview a[href='/slo/search/latency']") && ` + focus("f-matchers")}, {field: "#f-reason", text: "a new index"}, {field: "#f-author", text: "Cy Ortega"}, {field: "#silence-form [name=confirmed]", text: " "}},
			send: "#silence-form button", key: kb.Enter, done: says("#active", "a new index") + ` && location.hash.startsWith("#silence-")`, lands: "#active"},
		{name: "a silence that mutes nearly everything has to be confirmed", path: "/silences", fill: []entry{{field: "#f-matchers", text: `slo=~".+/.+"`, then: says("#preview", "It has to be confirmed")}, {field: "#f-reason", text: "peace"}, {field: "#f-author", text: "Cy Ortega"}},
			send: "#silence-form button", key: kb.Enter, done: says("#wide", "not in force yet") + " && " + focus("wide"), lands: "#wide", refused: true},
		{name: "a silence is ended", path: "/silences", unfold: "#end-" + silence + " > summary", fill: []entry{{field: "#by-" + silence, text: "Cy Ortega"}}, send: "#end-" + silence + " button", key: kb.Enter, done: says("#expired", "ended by Cy Ortega"), lands: "#expired"},
		{name: "time is taken out of a budget", path: "/corrections?slo=checkout/availability", fill: []entry{{field: "#f-reason", text: "the card network was away"}, {field: "#f-author", text: "Cy Ortega"}},
			send: "#correction-form button", key: kb.Enter, done: says("#active", "the card network was away") + ` && location.hash.startsWith("#correction-")`, lands: "#active"},
		{name: "a correction without an end is sent back", path: "/corrections", fill: []entry{{field: "#f-slos", text: "checkout/*"}, {field: "#f-zone", text: "Berlin"}, {field: "#f-reason", text: "x"}}, send: "#f-author", key: "Cy Ortega\r", done: focus("wrong"), lands: "#wrong", refused: true},
		{name: "customers are written to from an incident", path: incident, unfold: "#tell", leads: "/posts", fill: []entry{{field: "#p-text", text: "Some cards are refused."}, {field: "#p-title", text: "Cards"}, {field: "#p-by", text: "Cy Ortega"}}, send: "#post-form button", key: kb.Enter, done: says("#posts", "Some cards are refused.") + ` && ` + says("#posts", "Paying"), lands: "#posts"},
		{name: "what customers read is taken back", path: "/posts", unfold: "#end-p-0 > summary", fill: []entry{{field: "#by-p-0", text: "Cy Ortega"}}, send: "#end-p-0 button", key: " ", done: says("#post-p-0", "taken back by Cy Ortega"), lands: "#posts"},
		{name: "a definition is tried on the past", path: "/slo/checkout/availability", unfold: "#try > summary", fill: []entry{{field: "#wi-objective", text: "99"}, {field: "#wi-days", text: "7"}}, send: ".whatif button", key: kb.Enter, done: `location.pathname === "/whatif/checkout/availability"`, lands: ".skip"},
		{name: "somebody signs in", path: "/sign-in?next=" + url.QueryEscape("/account"), people: true, fill: []entry{{field: "#f-name", text: "ada"}, {field: "#f-password", text: goodPassword}}, send: "#sign-in button", key: kb.Enter, done: `location.pathname === "/account"`, lands: ".skip"},
		{name: "a wrong password is said", path: "/sign-in", people: true, fill: []entry{{field: "#f-name", text: "ada"}}, send: "#f-password", key: "wrong\r", done: focus("wrong"), lands: "#wrong", refused: true},
		{name: "a user is let in", path: "/access", unfold: "#new-user > summary", fill: user("cy"), send: "#new-user button", key: kb.Enter, done: says("#user-cy", "payments"), lands: "#users"},
		{name: "a user whose name is taken is not let in", path: "/access", unfold: "#new-user > summary", fill: user("grace"), send: "#new-user button", key: kb.Enter, done: focus("wrong"), lands: "#wrong", refused: true},
		{name: "a user is changed", path: "/access", unfold: "#change-vic > summary", fill: []entry{{field: "#d-vic", text: "Vic Amari"}}, send: "#t-vic", key: "search\r", done: says("#user-vic", "Vic Amari"), lands: "#users"},
		{name: "a token is made, and its secret read first", path: "/access", unfold: "#new-token > summary", fill: []entry{{field: "#f-token", text: "backup"}, {field: "[name=scope][value=read]", text: " "}}, send: "#new-token button", key: " ", done: focus("secret"), lands: "#secret"},
	}
}

func TestEveryFormIsFilledInWithoutAMouse(t *testing.T) {
	ctx := browser(t)
	for _, d := range deeds() {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := newShop(time.Now())
			srv := serve(t, s, func(o *Options) {
				oncall(t, s, s.now)(o)
				o.WhatIf, o.Now, o.StatusPosts = replayed, time.Now, postsOf(t, writtenTo(s.now))
				o.Access = Access{Keeper: populated(t), SignIn: d.people}
			})
			l := lookerIn(ownWindow(t, ctx))
			l.do(t, chromedp.EmulateViewport(1280, 1000), chromedp.Navigate(srv.URL+d.path), until(settled))
			l.heard.take()
			if d.unfold != "" {
				l.do(t, tabTo(d.unfold), chromedp.KeyEvent(kb.Enter))
			}
			if d.leads != "" {
				l.do(t, until(fmt.Sprintf("location.pathname === %q && %s", d.leads, settled)))
			}
			for _, e := range d.fill {
				l.do(t, tabTo(e.field), chromedp.KeyEvent(e.text))
				if e.then != "" {
					l.do(t, until(e.then))
				}
			}
			l.do(t, tabTo(d.send), chromedp.Evaluate(`window.before = true`, nil), chromedp.KeyEvent(d.key),
				until("!window.before && "+settled+" && ("+d.done+")"),
				chromedp.KeyEvent(kb.Tab), until(fmt.Sprintf(onward, d.lands)))
			if lines := l.heard.take(); len(lines) > 0 && !d.refused {
				t.Errorf("the page complains:\n%s", strings.Join(lines, "\n"))
			}
		})
	}
}

// settled is true once a page is whole and its keys are bound.
const settled = `document.readyState === "complete" && (document.getElementById("fresh")?.dataset.live ?? "yes") === "yes"`

// onward is true where the focus is inside of an element or behind it.
const onward = `(() => {
	const part = document.querySelector(%q), e = document.activeElement;
	return e !== document.body && (part.contains(e) || part.compareDocumentPosition(e) & Node.DOCUMENT_POSITION_FOLLOWING);
})()`

// stop tells of what has the focus: whether it is the one that is sought, and whether it can be seen that it has it.
const stop = `(() => {
	const e = document.activeElement, style = getComputedStyle(e);
	return {
		here: e.matches(%q), what: e.outerHTML.slice(0, 120),
		seen: e === document.body || style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none",
	};
})()`

// tabTo presses Tab until an element has the focus; all that has it on the way shows it.
func tabTo(selector string) chromedp.Action {
	return chromedp.ActionFunc(func(ctx context.Context) error {
		for range farthest {
			var at struct {
				Here, Seen bool
				What       string
			}
			if err := chromedp.Run(ctx, chromedp.KeyEvent(kb.Tab), chromedp.Evaluate(fmt.Sprintf(stop, selector), &at)); err != nil {
				return err
			}
			if !at.Seen {
				return fmt.Errorf("nothing shows that the focus is on %s", at.What)
			}
			if at.Here {
				return nil
			}
		}
		return fmt.Errorf("%d Tabs do not lead to %s", farthest, selector)
	})
}
