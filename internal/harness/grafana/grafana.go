// Package grafana is a stand-in for the part of Grafana's HTTP API that dashboards are pushed by. It keeps
// what Grafana documents of it (developers/http_api: dashboard, dashboard_versions, folder, folder_dashboard_search):
//
//   - without a known token 401, without the right to write 403
//   - a folder has a uid of at most 40 characters; one whose uid or title is taken is a 409
//   - POST /api/dashboards/db answers id, uid, url, status, version and slug; without folderUid the dashboard moves to the
//     root; a version that is not the newest is a 412 with the status version-mismatch, a title that is taken in the
//     folder a 412 with name-exists (as in versions that had this rule), unless overwrite is set
//   - a dashboard that comes from a file can't be saved: 400
//   - each save is a version with its message, listed the newest first
//   - the search finds by tag and folder, page by page
package grafana

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	"burnline/internal/harness/faults"
)

// Options say how the stand-in behaves; all may be zero.
type Options struct {
	// Editor and Viewer are tokens that may write, and that may read only.
	Editor, Viewer string
	// BareVersions answers versions as a list alone, as Grafana before 11 does.
	BareVersions bool
	// FreeTitles lets two dashboards of a folder have one title, as newer versions do.
	FreeTitles bool
}

// Dashboard is one that is kept.
type Dashboard struct {
	UID, Folder string
	// Model is its JSON with id and version.
	Model map[string]any
	// Messages are those of all versions, the oldest first.
	Messages []string
	// Provisioned is true where it comes from a file.
	Provisioned bool
}

// version is how often it was saved.
func (d *Dashboard) version() int { return len(d.Messages) }

func (d *Dashboard) title() string { title, _ := d.Model["title"].(string); return title }

func (d *Dashboard) tags() []string {
	var tags []string
	list, _ := d.Model["tags"].([]any)
	for _, t := range list {
		if tag, ok := t.(string); ok {
			tags = append(tags, tag)
		}
	}
	return tags
}

// Folder is one that is kept.
type Folder struct {
	UID   string `json:"uid"`
	Title string `json:"title"`
}

// Server is the stand-in, to be served by the test. It is safe for concurrent use.
type Server struct {
	// Script makes requests fail.
	Script faults.Script

	o  Options
	mu sync.Mutex
	// dashboards and folders are in the order in which they were made.
	dashboards []*Dashboard
	folders    []Folder
	// overwrites counts saves that asked to overwrite whatever is there.
	overwrites int
	writes     int
	mux        *http.ServeMux
}

// New returns a stand-in without folders and dashboards.
func New(o Options) *Server {
	s := &Server{o: o, mux: http.NewServeMux()}
	for pattern, h := range map[string]http.HandlerFunc{
		"GET /api/folders":                        s.listFolders,
		"POST /api/folders":                       s.createFolder,
		"GET /api/search":                         s.search,
		"POST /api/dashboards/db":                 s.save,
		"GET /api/dashboards/uid/{uid}":           s.get,
		"DELETE /api/dashboards/uid/{uid}":        s.remove,
		"GET /api/dashboards/uid/{uid}/versions":  s.versions,
		"GET /api/dashboards/uid/{uid}/versions/": s.versions,
	} {
		s.mux.HandleFunc(pattern, h)
	}
	return s
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, faulty := s.Script.Next()
	if faulty && !f.Accept {
		f.Fail(w, r, nil)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if token == "" || token != s.o.Editor && token != s.o.Viewer {
		answer(w, http.StatusUnauthorized, map[string]any{"message": "Invalid API key"})
		return
	}
	if r.Method != http.MethodGet && token != s.o.Editor {
		answer(w, http.StatusForbidden, map[string]any{"message": "You'll need additional permissions to perform this action."})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if faulty { // it is done, and nobody hears of it
		s.mux.ServeHTTP(discard{}, r)
		f.Fail(w, r, nil)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// discard takes an answer that gets lost.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(b []byte) (int, error) { return len(b), nil }
func (discard) WriteHeader(int)             {}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client is gone otherwise
}

func fail(w http.ResponseWriter, status int, message string) {
	answer(w, status, map[string]any{"message": message})
}

// Dashboards returns copies of what is kept, by uid.
func (s *Server) Dashboards() map[string]Dashboard {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := map[string]Dashboard{}
	for _, d := range s.dashboards {
		all[d.UID] = Dashboard{UID: d.UID, Folder: d.Folder, Model: d.Model, Messages: slices.Clone(d.Messages), Provisioned: d.Provisioned}
	}
	return all
}

// Folders returns all folders.
func (s *Server) Folders() []Folder {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.folders)
}

// Writes counts what was changed by requests, and Overwrites the saves that asked to overwrite whatever is there.
func (s *Server) Writes() (writes, overwrites int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.writes, s.overwrites
}

// Put keeps a dashboard as if somebody had saved it by hand; one with the uid gets another version.
func (s *Server) Put(folder string, model map[string]any, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	uid, _ := model["uid"].(string)
	s.keep(uid, folder, model, message)
}

// Provision marks a dashboard as one that comes from a file.
func (s *Server) Provision(uid string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.find(uid).Provisioned = true
}

// find returns the dashboard with a uid, or nil.
func (s *Server) find(uid string) *Dashboard {
	for _, d := range s.dashboards {
		if d.UID == uid {
			return d
		}
	}
	return nil
}

// keep saves a version of a dashboard.
func (s *Server) keep(uid, folder string, model map[string]any, message string) *Dashboard {
	d := s.find(uid)
	if d == nil {
		d = &Dashboard{UID: uid}
		s.dashboards = append(s.dashboards, d)
	}
	d.Folder, d.Messages = folder, append(d.Messages, message)
	kept := map[string]any{}
	for k, v := range model {
		kept[k] = v
	}
	kept["id"], kept["version"] = slices.Index(s.dashboards, d)+1, d.version()
	d.Model = kept
	return d
}
