package web

import (
	"cmp"
	_ "embed" // for the texts of doc comments
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"
	"github.com/google/jsonschema-go/jsonschema"

	"burnline/slo"
	"burnline/web/openapi"
)

// texts are what the doc comments say of the types of the API. A test writes the file.
//
//go:embed openapi.texts.json
var docTexts []byte

// What answers are written as.
const (
	asJSON   = "application/json"
	asLines  = "application/x-ndjson"
	asEvents = "text/event-stream"
	asText   = "text/plain"
	asCSV    = "text/csv"
	asMD     = "text/markdown"
)

// errorJSON is every answer that says what is wrong.
type errorJSON struct {
	// Error says it in one sentence, and Detail more of it; may be empty.
	Error  string `json:"error"`
	Detail string `json:"detail"`
	// Findings are all that is wrong with what was sent, each with its field and what to write instead.
	Findings []slo.Problem `json:"findings,omitempty"`
}

// pathTexts say what the names within paths mean, by name and by the word before it where one name
// means several things.
func pathTexts() map[string]string {
	return map[string]string{
		"slos/id": "service/name, or service/name/objective; slashes stay", "charts/id": "service/name, or service/name/objective; slashes stay",
		"incidents/key": "the incident's key, or as much of it as no other one begins with", "traces/id": "1 to 32 hexadecimal digits",
		"reports/period": "a month such as 2026-10, a quarter such as 2026-Q4, a week such as 2026-W43, a year such as 2026, or now for the month that runs",
		"users/name":     "the user's name", "id": "its ID", "key": "its key",
		"action": "the action's ID",
	}
}

// yesNo, whole and repeated are what parameters may be.
func yesNo() *jsonschema.Schema { return &jsonschema.Schema{Type: "boolean"} }

// whole is a whole number between two, and what it is where it is left out; less than from is nothing.
func whole(from, to, otherwise int) *jsonschema.Schema {
	least, most := float64(from), float64(to)
	s := &jsonschema.Schema{Type: "integer", Minimum: &least, Maximum: &most}
	if otherwise >= from {
		s.Default = json.RawMessage(strconv.Itoa(otherwise))
	}
	return s
}

// repeated is text that may be given more than once.
func repeated() *jsonschema.Schema {
	return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string"}}
}

// describe turns the table of routes into the description of the API.
func (s *server) describe(said openapi.Texts) ([]byte, error) {
	return openapi.Build(openapi.Info{Title: "Burnline", Version: "1", Own: "burnline/web",
		Description: "What Burnline's pages are made of. Every number comes from the engine. Fields and paths are added without notice; " +
			"none is removed or means something else within /api/v1. The Prometheus HTTP API is served under /prometheus/api/v1 and described by Prometheus, " +
			"the Alertmanager API v2 under /alertmanager/api/v2 by Alertmanager, and searching traces under /tempo by Tempo."}, s.operations(), said)
}

// operations are the routes of the API as its description has them.
func (s *server) operations() []openapi.Operation {
	var ops []openapi.Operation
	for _, r := range s.routes() {
		if r.api == nil {
			continue
		}
		ops = append(ops, r.operation(*r.api))
		for _, o := range r.api.under {
			ops = append(ops, r.operation(o))
		}
	}
	return ops
}

// operation turns a route of the table into one of the description.
func (r route) operation(o operation) openapi.Operation {
	path, tag, params := described(r.path)
	out := openapi.Operation{Method: r.method, Path: path + o.tail, Summary: o.summary, Tag: tag, Answers: map[int]openapi.Answer{}}
	for _, p := range params {
		p.Schema = o.kinds[p.Name]
		out.Parameters = append(out.Parameters, p)
	}
	for _, name := range slices.Sorted(maps.Keys(o.query)) {
		out.Parameters = append(out.Parameters, openapi.Parameter{Name: name, In: "query", Text: o.query[name],
			Required: slices.Contains(o.needs, name), Schema: o.kinds[name]})
	}
	if o.body != nil {
		out.Body = &openapi.Content{Media: asJSON, Value: o.body}
	}
	for status, text := range r.usual(o, len(params) > 0) {
		out.Answers[status] = openapi.Answer{Text: text, Content: openapi.Content{Media: asJSON, Value: errorJSON{}}}
	}
	for status, text := range o.also {
		a := openapi.Answer{Text: text, Content: openapi.Content{Media: asJSON, Value: errorJSON{}}}
		if with, ok := o.with[status]; ok {
			a.Value = with
		}
		if o.media == asText {
			a.Content = openapi.Content{Media: asText}
		}
		out.Answers[status] = a
	}
	out.Answers[cmp.Or(o.made, http.StatusOK)] = openapi.Answer{Text: cmp.Or(o.also[cmp.Or(o.made, http.StatusOK)], "As asked"),
		Content: openapi.Content{Media: cmp.Or(o.media, asJSON), Value: o.answer}}
	return out
}

// usual are the refusals that follow from what a route is, by status with when they come.
func (r route) usual(o operation, named bool) map[int]string {
	texts := map[int]string{}
	if r.access != toAll {
		texts[http.StatusUnauthorized] = "People sign in here, and the request has no token that counts"
		texts[http.StatusForbidden] = "The token may not do this"
	}
	if len(o.query) > 0 {
		texts[http.StatusBadRequest] = "A parameter can't be read"
	}
	if o.body != nil {
		texts[http.StatusBadRequest] = "The body can't be read"
		texts[http.StatusRequestEntityTooLarge] = "The body is too large"
		texts[http.StatusUnprocessableEntity] = "All that is wrong with it; nothing was changed"
	}
	if o.body != nil && r.access != toAll && r.access != toFeed {
		texts[http.StatusRequestTimeout] = "The body did not come in time; send it again"
	}
	if r.access != toAll && r.access != toFeed {
		texts[http.StatusMisdirectedRequest] = "Nobody signs in here, and the request names a host that is not that of external_url"
		texts[http.StatusTooManyRequests] = "The client sends too many requests; Retry-After says when to come again"
	}
	if r.access != toAll {
		texts[http.StatusServiceUnavailable] = "A store is away, or too much is asked at once; ask again"
	}
	if named {
		texts[http.StatusNotFound] = "Nothing has the ID"
	}
	if r.method != http.MethodGet {
		texts[http.StatusForbidden] = "The token may not do this, or the request comes from a page of another site"
	}
	return texts
}

// described writes a path as OpenAPI does and returns its parameters, and the word that groups it.
func described(path string) (out, tag string, params []openapi.Parameter) {
	parts := strings.Split(path, "/")
	texts := pathTexts()
	for i, p := range parts {
		if p == "" || p[0] != ':' && p[0] != '*' {
			if tag == "" && p != "" && p != "api" && p != "v1" {
				tag = strings.TrimSuffix(p, ".json")
			}
			continue
		}
		name := p[1:]
		parts[i] = "{" + name + "}"
		params = append(params, openapi.Parameter{Name: name, In: "path", Text: cmp.Or(texts[parts[i-1]+"/"+name], texts[name])})
	}
	if tag == "-" {
		tag = "process"
	}
	return strings.Join(parts, "/"), tag, params
}

// openAPI answers with the description of the API.
func (s *server) openAPI(c *gin.Context) {
	c.Data(http.StatusOK, asJSON+"; charset=utf-8", s.description)
}

// describeAll writes the description with what the doc comments say.
func (s *server) describeAll() error {
	var said openapi.Texts
	if err := json.Unmarshal(docTexts, &said); err != nil {
		return fmt.Errorf("read the texts of the description of the API: %w", err)
	}
	var err error
	s.description, err = s.describe(said)
	return err
}
