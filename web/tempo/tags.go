package tempo

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"burnline/internal/tracesearch"
)

// fields reads the attributes of the latest traces.
func (h *handler) fields(r *http.Request) ([]tracesearch.Field, error) {
	q, err := queryOf(onlyTimes(r.URL.Query()))
	if err != nil {
		return nil, err
	}
	return h.o.Traces.Fields(r.Context(), q)
}

// onlyTimes leaves what bounds a search for names; the limit there is one of names.
func onlyTimes(v url.Values) url.Values {
	return url.Values{"start": v["start"], "end": v["end"]}
}

func (h *handler) tags(w http.ResponseWriter, r *http.Request) error {
	fields, err := h.fields(r)
	if err != nil {
		return err
	}
	names := []string{"name", "status"}
	for _, f := range fields {
		if f.Scope == tracesearch.ScopeResource || f.Scope == tracesearch.ScopeSpan {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return write(w, map[string]any{"tagNames": slices.Compact(names)})
}

func (h *handler) tagsV2(w http.ResponseWriter, r *http.Request) error {
	type scope struct {
		Name string   `json:"name"`
		Tags []string `json:"tags"`
	}
	wanted := r.URL.Query().Get("scope")
	var scopes []scope
	byName := map[tracesearch.Scope]int{}
	all := []tracesearch.Scope{tracesearch.ScopeResource, tracesearch.ScopeSpan, tracesearch.ScopeEvent, tracesearch.ScopeLink, tracesearch.ScopeLibrary}
	if wanted != "" && wanted != "none" && wanted != "intrinsic" && !slices.Contains(all, tracesearch.Scope(wanted)) {
		return bad("scope is resource, span, event, link, instrumentation or intrinsic")
	}
	for _, name := range all {
		if wanted == "" || wanted == "none" || wanted == string(name) {
			byName[name] = len(scopes)
			scopes = append(scopes, scope{string(name), []string{}})
		}
	}
	if len(scopes) > 0 {
		fields, err := h.fields(r)
		if err != nil {
			return err
		}
		for _, f := range fields {
			if i, ok := byName[f.Scope]; ok {
				scopes[i].Tags = append(scopes[i].Tags, f.Name)
			}
		}
	}
	if wanted == "" || wanted == "none" || wanted == "intrinsic" {
		scopes = append(scopes, scope{"intrinsic", tracesearch.Properties()})
	}
	return write(w, map[string]any{"scopes": scopes, "metrics": map[string]any{}})
}

func (h *handler) values(w http.ResponseWriter, r *http.Request) error {
	tag, err := tagOf(r)
	if err != nil {
		return err
	}
	field, err := tracesearch.ParseField(tag)
	if err != nil || strings.Contains(tag, ".") { // here tags have no scope
		field = tracesearch.Field{Scope: tracesearch.ScopeAny, Name: tag}
	}
	known, err := h.known(r, field)
	if err != nil {
		return err
	}
	texts := []string{}
	for _, k := range known {
		texts = append(texts, k.Text)
	}
	return write(w, map[string]any{"tagValues": slices.Compact(texts)})
}

func (h *handler) valuesV2(w http.ResponseWriter, r *http.Request) error {
	tag, err := tagOf(r)
	if err != nil {
		return err
	}
	field, err := tracesearch.ParseField(tag)
	if err != nil {
		return err
	}
	type value struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	known, err := h.known(r, field)
	if err != nil {
		return err
	}
	values := []value{}
	for _, k := range known {
		values = append(values, value{k.Type, k.Text})
	}
	return write(w, map[string]any{"tagValues": values, "metrics": map[string]any{}})
}

// tagOf is the tag in the path; the data source escapes it twice.
func tagOf(r *http.Request) (string, error) {
	tag, err := url.PathUnescape(r.PathValue("tag"))
	if err != nil || tag == "" {
		return "", bad("the name of the tag is not well escaped")
	}
	return tag, nil
}

// known reads the values of a field. The values of status and kind are always the same.
func (h *handler) known(r *http.Request, f tracesearch.Field) ([]tracesearch.Known, error) {
	if f.Scope == tracesearch.ScopeIntrinsic {
		if words := tracesearch.Keywords(f.Name); words != nil {
			var all []tracesearch.Known
			for _, word := range words {
				all = append(all, tracesearch.Known{Type: "keyword", Text: word})
			}
			return all, nil
		}
	}
	v := onlyTimes(r.URL.Query())
	v["q"] = r.URL.Query()["q"]
	q, err := queryOf(v)
	if err != nil { // the search that is being written is often not whole yet
		if q, err = queryOf(onlyTimes(v)); err != nil {
			return nil, err
		}
	}
	return h.o.Traces.Values(r.Context(), q, f)
}
