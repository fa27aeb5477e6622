package main

import (
	"maps"
	"net/http/httptest"

	"github.com/rogpeppe/go-internal/testscript"

	"burnline/internal/harness/grafana"
)

// withGrafana gives a script a stand-in for Grafana at $GRAFANA, which knows the token editor.
func withGrafana(env *testscript.Env) {
	server := grafana.New(grafana.Options{Editor: "editor", Viewer: "viewer"})
	web := httptest.NewServer(server)
	env.Defer(web.Close)
	env.Values["grafana"] = server
	env.Setenv("GRAFANA", web.URL)
}

// byHand is a command of scripts: it changes the title of a dashboard in the stand-in for Grafana, as somebody does there.
//
//	byhand UID TITLE
func byHand(ts *testscript.TestScript, _ bool, args []string) {
	server, _ := ts.Value("grafana").(*grafana.Server)
	if len(args) != 2 || server == nil {
		ts.Fatalf("usage: byhand UID TITLE")
	}
	d, ok := server.Dashboards()[args[0]]
	if !ok {
		ts.Fatalf("byhand: there is no dashboard %s", args[0])
	}
	model := maps.Clone(d.Model)
	model["title"] = args[1]
	server.Put(d.Folder, model, "")
}
