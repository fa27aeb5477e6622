package grafana

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"burnline/dashboards"
	"burnline/internal/harness/faults"
	"burnline/internal/harness/grafana"
	"burnline/slo"
)

const (
	editor = "editor-token"
	viewer = "viewer-token"
)

// definition is an SLO of a service.
func definition(service string, objective float64) slo.Definition {
	return slo.Definition{
		ID: service + "/availability", Name: "availability", Service: service, Team: "shop", Objective: objective,
		Window: slo.Window{Rolling: 30 * 24 * time.Hour}, Policies: slo.DefaultPolicies(30 * 24 * time.Hour),
	}
}

// place is a stand-in for Grafana and a client of it.
type place struct {
	t      *testing.T
	server *grafana.Server
	client *Client
	waits  []time.Duration
	said   []string
}

func newPlace(t *testing.T, o grafana.Options, token string) *place {
	t.Helper()
	o.Editor, o.Viewer = editor, viewer
	p := &place{t: t, server: grafana.New(o)}
	web := httptest.NewServer(p.server)
	t.Cleanup(web.Close)
	var err error
	p.client, err = New(Options{URL: web.URL + "/", Token: token, Wait: func(_ context.Context, d time.Duration) error {
		p.waits = append(p.waits, d)
		return nil
	}, Waiting: func(why error, d time.Duration) { p.said = append(p.said, fmt.Sprintf("%s %s", d, why)) }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func generated(t *testing.T, defs ...slo.Definition) []dashboards.File {
	t.Helper()
	files, err := dashboards.Generate(defs, dashboards.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// push pushes the dashboards of definitions and returns what became of each.
func (p *place) push(r Request, defs ...slo.Definition) (map[string]Outcome, error) {
	p.t.Helper()
	if r.Files == nil {
		r.Files = generated(p.t, defs...)
	}
	got := map[string]Outcome{}
	r.Told = func(o Outcome) { got[o.Name] = o }
	return got, p.client.Push(p.t.Context(), r)
}

// pushed is push where nothing may fail.
func (p *place) pushed(r Request, defs ...slo.Definition) map[string]Outcome {
	p.t.Helper()
	got, err := p.push(r, defs...)
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// edit changes a dashboard as somebody does by hand.
func (p *place) edit(uid string, key string, value any) {
	p.t.Helper()
	d := p.server.Dashboards()[uid]
	model := maps.Clone(d.Model)
	model[key] = value
	p.server.Put(d.Folder, model, "prettier")
}

func all(t *testing.T, got map[string]Outcome, want Action, but ...string) {
	t.Helper()
	if len(got) < 4 {
		t.Errorf("only %d dashboards are told of", len(got))
	}
	for name, o := range got {
		if o.Action != want && !slices.Contains(but, name) {
			t.Errorf("%s is %s (%s), want %s", name, o.Action, o.Reason, want)
		}
	}
}

func TestAPushMakesFoldersAndDashboardsOnce(t *testing.T) {
	for name, o := range map[string]grafana.Options{"newer": {FreeTitles: true}, "older": {BareVersions: true}} {
		t.Run(name, func(t *testing.T) {
			p := newPlace(t, o, editor)
			all(t, p.pushed(Request{}, definition("checkout", 99.9)), Created)
			titles := map[string]string{}
			for _, f := range p.server.Folders() {
				titles[f.UID] = f.Title
			}
			kept := p.server.Dashboards()
			for uid, want := range map[string]string{"burnline-overview": "Burnline", "burnline-oncall": "Burnline"} {
				if got := titles[kept[uid].Folder]; got != want {
					t.Errorf("%s lies in the folder %q, want %q", uid, got, want)
				}
			}
			if len(titles) != 3 || len(kept) != 6 {
				t.Errorf("%d folders and %d dashboards, want 3 and 6: %v", len(titles), len(kept), titles)
			}
			before, _ := p.server.Writes()
			all(t, p.pushed(Request{}, definition("checkout", 99.9)), Unchanged)
			if after, overwrites := p.server.Writes(); after != before || overwrites != 0 {
				t.Errorf("pushed again %d things were written, and %d saves asked to overwrite", after-before, overwrites)
			}
		})
	}
}

func TestADryRunChangesNothingAndSaysWhatItWould(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	all(t, p.pushed(Request{DryRun: true, Prune: true}, definition("checkout", 99.9)), Created)
	if writes, _ := p.server.Writes(); writes != 0 {
		t.Fatalf("a dry run wrote %d things", writes)
	}
	p.pushed(Request{}, definition("checkout", 99.9))
	before, _ := p.server.Writes()
	got := p.pushed(Request{DryRun: true, Prune: true}, definition("checkout", 99))
	o := got["slo:checkout/availability"]
	said := strings.Join(o.Changes, "\n")
	if o.Action != Updated || !strings.Contains(said, "Objective 99.9 % over 30d") || !strings.Contains(said, "Objective 99 % over 30d") {
		t.Errorf("%s is told with\n%s\nwant both objectives", o.Action, said)
	}
	all(t, got, Unchanged, "slo:checkout/availability")
	if after, _ := p.server.Writes(); after != before {
		t.Errorf("a dry run wrote %d things", after-before)
	}
}

func TestWhatSomebodyChangedIsLeftAloneUntilItIsForced(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	p.pushed(Request{}, definition("checkout", 99.9))
	p.edit("burnline-overview", "title", "Ours")
	got := p.pushed(Request{}, definition("checkout", 99.9))
	if o := got["overview"]; o.Action != LeftAlone || !strings.Contains(o.Reason, "--force") {
		t.Errorf("the overview is %+v, want that it is left alone", o)
	}
	all(t, got, Unchanged, "overview")
	got = p.pushed(Request{Force: true}, definition("checkout", 99.9))
	if o := got["overview"]; o.Action != Updated || !slices.Contains(o.Changes, `~ title: "Ours" → "SLOs: overview"`) {
		t.Errorf("forced the overview is %+v, want that its title is changed back", o)
	}
	if title := p.server.Dashboards()["burnline-overview"].Model["title"]; title != "SLOs: overview" {
		t.Errorf("its title is %v", title)
	}
}

func TestWhatIsSomebodyElsesIsNeverTouched(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	theirs := map[string]any{"uid": "burnline-overview", "title": "Mine", "tags": []any{"burnline"}}
	p.server.Put("", theirs, "")
	p.pushed(Request{}, definition("checkout", 99.9))
	folder := p.server.Dashboards()["burnline-oncall"].Folder
	p.server.Put(folder, map[string]any{"uid": "burnline-mine", "title": "Also mine"}, "")
	p.server.Put(folder, map[string]any{"uid": "a-copy", "title": "A copy", "tags": []any{dashboards.Mark}}, "")
	before := p.server.Dashboards()
	got := p.pushed(Request{Force: true, Prune: true}, definition("checkout", 99.9))
	if o := got["overview"]; o.Action != LeftAlone || !strings.Contains(o.Reason, "not made by Burnline") {
		t.Errorf("a foreign overview is %+v", o)
	}
	after := p.server.Dashboards()
	for _, uid := range []string{"burnline-overview", "burnline-mine", "a-copy"} {
		if len(after[uid].Messages) != len(before[uid].Messages) || len(after[uid].Messages) == 0 {
			t.Errorf("%s was touched", uid)
		}
	}
}

func TestWhatIsGoneIsDeletedOnlyWhenAskedAndUnlessSomebodyChangedIt(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	p.pushed(Request{}, definition("checkout", 99.9), definition("search", 99), definition("cart", 99))
	if got := p.pushed(Request{}, definition("checkout", 99.9)); len(got) != 6 || len(p.server.Dashboards()) != 10 {
		t.Errorf("without --prune %d are told of and %d are kept, want 6 and 10", len(got), len(p.server.Dashboards()))
	}
	for uid, d := range p.server.Dashboards() {
		if d.Model["title"] == "SLO: cart/availability" {
			p.edit(uid, "refresh", "5s")
		}
	}
	got := p.pushed(Request{DryRun: true, Prune: true}, definition("checkout", 99.9))
	if got["SLO: search/availability"].Action != Deleted || len(p.server.Dashboards()) != 10 {
		t.Errorf("a dry run says %+v and keeps %d", got["SLO: search/availability"], len(p.server.Dashboards()))
	}
	got = p.pushed(Request{Prune: true}, definition("checkout", 99.9))
	if got["SLO: search/availability"].Action != Deleted || got["Service: search"].Action != Deleted || got["SLO: cart/availability"].Action != LeftAlone {
		t.Errorf("pruned: %+v", got)
	}
	if n := len(p.server.Dashboards()); n != 7 {
		t.Errorf("%d dashboards are kept, want 7", n)
	}
}

func TestADashboardThatWasMovedOrComesFromAFileIsLeftAlone(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	p.pushed(Request{}, definition("checkout", 99.9))
	p.server.Provision("burnline-leadership")
	got := p.pushed(Request{Force: true, Folder: "Other"}, definition("checkout", 99))
	if o := got["leadership"]; o.Action != LeftAlone || !strings.Contains(o.Reason, "loads it from a file") {
		t.Errorf("one that comes from a file is %+v", o)
	}
	all(t, got, Updated, "leadership")
	got = p.pushed(Request{}, definition("checkout", 99))
	if o := got["overview"]; o.Action != LeftAlone || !strings.Contains(o.Reason, "another folder") {
		t.Errorf("one in another folder is %+v", o)
	}
}

func TestATitleThatIsTakenIsSaid(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	p.pushed(Request{}, definition("checkout", 99.9))
	folder := p.server.Dashboards()["burnline-oncall"].Folder
	p.server.Put(folder, map[string]any{"uid": "mine", "title": "SLOs: overview"}, "")
	p.edit("burnline-overview", "title", "Ours")
	if o := p.pushed(Request{Force: true}, definition("checkout", 99.9))["overview"]; o.Action != LeftAlone || !strings.Contains(o.Reason, "has its title") {
		t.Errorf("a title that is taken is told as %+v", o)
	}
}

func TestWhatSomebodySavesMeanwhileIsNotOverwritten(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	p.pushed(Request{}, definition("checkout", 99.9))
	// Grafana refuses the save of an old version, whatever was seen before.
	old, err := p.client.get(t.Context(), "burnline-overview")
	if err != nil {
		t.Fatal(err)
	}
	p.edit("burnline-overview", "title", "Ours")
	run := &push{c: p.client}
	model := maps.Clone(old.Dashboard)
	o, err := run.write(t.Context(), save{Dashboard: model, FolderUID: old.Meta.FolderUID, Message: signature + "x"}, Outcome{Action: Updated})
	if err != nil || o.Action != LeftAlone || !strings.Contains(o.Reason, "just now") {
		t.Errorf("%+v, %v; want that it is left alone", o, err)
	}
}

func TestABusyGrafanaIsAskedAgain(t *testing.T) {
	p := newPlace(t, grafana.Options{}, editor)
	p.server.Script.Add(
		faults.Fault{Cut: true}, faults.Fault{Status: 429, Header: map[string]string{"Retry-After": "7"}}, faults.Answer(503, ""),
		faults.Fault{Status: 429, Header: map[string]string{"Retry-After": "3600"}},
	)
	all(t, p.pushed(Request{}, definition("checkout", 99.9)), Created)
	want := []time.Duration{time.Second, 7 * time.Second, 4 * time.Second, time.Minute}
	if !slices.Equal(p.waits, want) {
		t.Errorf("it waited %v, want %v", p.waits, want)
	}
	for i, d := range want {
		if i < len(p.said) && !strings.HasPrefix(p.said[i], d.String()+" ") || len(p.said) != len(want) {
			t.Errorf("it said %q, want each of %v with why", p.said, want)
		}
	}
	p.server.Script.Add(slices.Repeat([]faults.Fault{faults.Answer(502, "")}, attempts)...)
	if _, err := p.push(Request{}, definition("checkout", 99.9)); err == nil || !strings.Contains(err.Error(), "502") {
		t.Errorf("after %d attempts: %v", attempts, err)
	}
}

// Every answer in turn gets lost after Grafana did what it was asked for.
func TestALostAnswerIsNoFailure(t *testing.T) {
	files := generated(t, definition("checkout", 99.9))
	for n := range 14 {
		p := newPlace(t, grafana.Options{}, editor)
		p.server.Script.Add(slices.Repeat([]faults.Fault{{}}, n)...)
		p.server.Script.Add(faults.Fault{Cut: true, Accept: true})
		all(t, p.pushed(Request{Files: files}), Created)
		all(t, p.pushed(Request{Files: files}), Unchanged)
	}
}

func TestWithoutTheRightNothingIsWrittenAndItIsSaidWhy(t *testing.T) {
	for token, want := range map[string]string{"wrong": "401", viewer: "role Editor"} {
		p := newPlace(t, grafana.Options{}, token)
		_, err := p.push(Request{}, definition("checkout", 99.9))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "token "+token) {
			t.Errorf("with the token %q: %v, want something with %q", token, err, want)
		}
		if len(p.waits) > 0 {
			t.Errorf("a refusal is tried again after %v", p.waits)
		}
	}
}

func TestATokenIsNotSentAlongARedirect(t *testing.T) {
	followed := false
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		followed = followed || r.URL.Path == "/elsewhere"
		http.Redirect(w, r, "/elsewhere", http.StatusFound)
	}))
	defer web.Close()
	c, err := New(Options{URL: web.URL, Token: editor})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Push(t.Context(), Request{}); err == nil || followed || !strings.Contains(err.Error(), "the address that it leads to") {
		t.Errorf("a redirect: %v, followed: %v", err, followed)
	}
}

func TestWrongOptionsAreRefused(t *testing.T) {
	for name, o := range map[string]Options{
		"no address": {Token: "x"}, "no web address": {URL: "grafana:3000", Token: "x"}, "a user in it": {URL: "http://a:b@grafana", Token: "x"},
		"no token": {URL: "http://grafana"}, "another file": {URL: "http://grafana", Token: "a: b"},
	} {
		if _, err := New(o); err == nil || strings.Contains(err.Error(), "a:b") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADifferenceNamesWhatChanges(t *testing.T) {
	from := `{"id": 1, "version": 3, "title": "a", "panels": [
		{"id": 1, "title": "Old", "type": "stat"}, {"id": 2, "title": "Same", "targets": [{"refId": "A", "expr": "up"}], "unit": "s"},
		{"id": 3, "title": "Twice"}, {"id": 4, "title": "Twice", "type": "row"}]}`
	to := `{"title": "b", "panels": [
		{"id": 7, "title": "Same", "targets": [{"refId": "A", "expr": "down"}, {"refId": "B", "expr": "sideways"}]},
		{"id": 8, "title": "New", "type": "stat", "unit": "s"}, {"id": 3, "title": "Twice"}, {"id": 4, "title": "Twice", "type": "row"}]}`
	var a, b map[string]any
	for text, into := range map[string]*map[string]any{from: &a, to: &b} {
		if err := json.Unmarshal([]byte(text), into); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		"+ panels[New]", "- panels[Old]",
		`~ panels[Same].targets[A].expr: "up" → "down"`, `+ panels[Same].targets[B].expr: "sideways"`, `+ panels[Same].targets[B].refId: "B"`,
		`- panels[Same].unit: "s"`, `~ title: "a" → "b"`,
	}
	if got := difference(a, b); !slices.Equal(got, want) {
		t.Errorf("the difference is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
