package grafana

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// mostUID is the length of a uid at most.
const mostUID = 40

// page cuts a page out of a list, as limit and page ask for.
func page[T any](all []T, q url.Values, most int) []T {
	limit, err := strconv.Atoi(q.Get("limit"))
	if err != nil || limit <= 0 || limit > most {
		limit = min(1000, most)
	}
	number, err := strconv.Atoi(q.Get("page"))
	if err != nil || number < 1 {
		number = 1
	}
	from := min((number-1)*limit, len(all))
	return all[from:min(from+limit, len(all))]
}

func (s *Server) listFolders(w http.ResponseWriter, r *http.Request) {
	answer(w, http.StatusOK, page(append([]Folder{}, s.folders...), r.URL.Query(), 1000))
}

func (s *Server) createFolder(w http.ResponseWriter, r *http.Request) {
	var f Folder
	if err := json.NewDecoder(r.Body).Decode(&f); err != nil || f.Title == "" || len(f.UID) > mostUID {
		fail(w, http.StatusBadRequest, "folder title cannot be empty, and its uid has at most 40 characters")
		return
	}
	if f.UID == "" {
		f.UID = fmt.Sprintf("folder-%d", len(s.folders))
	}
	if slices.ContainsFunc(s.folders, func(o Folder) bool { return o.UID == f.UID || o.Title == f.Title }) {
		fail(w, http.StatusConflict, "a folder with that uid or title already exists")
		return
	}
	s.folders = append(s.folders, f)
	s.writes++
	answer(w, http.StatusOK, f)
}

func (s *Server) get(w http.ResponseWriter, r *http.Request) {
	d := s.find(r.PathValue("uid"))
	if d == nil {
		fail(w, http.StatusNotFound, "Dashboard not found")
		return
	}
	answer(w, http.StatusOK, map[string]any{
		"dashboard": d.Model,
		"meta":      map[string]any{"folderUid": d.Folder, "provisioned": d.Provisioned, "version": d.version(), "url": "/d/" + d.UID},
	})
}

func (s *Server) remove(w http.ResponseWriter, r *http.Request) {
	d := s.find(r.PathValue("uid"))
	if d == nil {
		fail(w, http.StatusNotFound, "Dashboard not found")
		return
	}
	s.dashboards = slices.DeleteFunc(s.dashboards, func(o *Dashboard) bool { return o == d })
	s.writes++
	answer(w, http.StatusOK, map[string]any{"title": d.title(), "message": "Dashboard " + d.title() + " deleted"})
}

func (s *Server) versions(w http.ResponseWriter, r *http.Request) {
	d := s.find(r.PathValue("uid"))
	if d == nil {
		fail(w, http.StatusNotFound, "Dashboard not found")
		return
	}
	list := []map[string]any{}
	for i, message := range slices.Backward(d.Messages) {
		list = append(list, map[string]any{"id": i + 1, "uid": d.UID, "version": i + 1, "message": message})
	}
	list = page(list, r.URL.Query(), 1000)
	if s.o.BareVersions {
		answer(w, http.StatusOK, list)
		return
	}
	answer(w, http.StatusOK, map[string]any{"continueToken": "", "versions": list})
}

// saved is the body of a save.
type saved struct {
	Dashboard map[string]any `json:"dashboard"`
	FolderUID string         `json:"folderUid"`
	Message   string         `json:"message"`
	Overwrite bool           `json:"overwrite"`
}

func (s *Server) save(w http.ResponseWriter, r *http.Request) {
	var in saved
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		fail(w, http.StatusBadRequest, "bad request data")
		return
	}
	uid, _ := in.Dashboard["uid"].(string)
	title, _ := in.Dashboard["title"].(string)
	if uid == "" || len(uid) > mostUID || title == "" {
		fail(w, http.StatusBadRequest, "the uid or the title is missing, or the uid is longer than 40 characters")
		return
	}
	if in.FolderUID != "" && !slices.ContainsFunc(s.folders, func(f Folder) bool { return f.UID == in.FolderUID }) {
		fail(w, http.StatusBadRequest, "folder not found")
		return
	}
	if in.Overwrite {
		s.overwrites++
	}
	old := s.find(uid)
	if old != nil && old.Provisioned {
		fail(w, http.StatusBadRequest, "Cannot save provisioned dashboard")
		return
	}
	if why := s.refuses(old, in, uid, title); why != "" && !in.Overwrite {
		answer(w, http.StatusPreconditionFailed, map[string]any{"status": why, "message": "it is not as you think: " + why})
		return
	}
	d := s.keep(uid, in.FolderUID, in.Dashboard, in.Message)
	s.writes++
	answer(w, http.StatusOK, map[string]any{
		"id": d.Model["id"], "uid": uid, "url": "/d/" + uid, "status": "success", "version": d.version(), "slug": uid,
	})
}

// refuses says why a save without overwrite is refused; "" is that it is not.
func (s *Server) refuses(old *Dashboard, in saved, uid, title string) string {
	if old != nil {
		if version, _ := in.Dashboard["version"].(float64); int(version) != old.version() {
			return "version-mismatch"
		}
	}
	for _, d := range s.dashboards {
		if !s.o.FreeTitles && d.UID != uid && d.Folder == in.FolderUID && d.title() == title {
			return "name-exists"
		}
	}
	return ""
}

func (s *Server) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	found := []map[string]any{}
	for _, d := range s.dashboards {
		tagged := true
		for _, tag := range q["tag"] {
			tagged = tagged && slices.Contains(d.tags(), tag)
		}
		if !tagged || q.Has("folderUIDs") && !slices.Contains(strings.Split(strings.Join(q["folderUIDs"], ","), ","), d.Folder) {
			continue
		}
		found = append(found, map[string]any{
			"uid": d.UID, "title": d.title(), "type": "dash-db", "tags": d.tags(), "folderUid": d.Folder, "url": "/d/" + d.UID,
		})
	}
	answer(w, http.StatusOK, page(found, q, 5000))
}
