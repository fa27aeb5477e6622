package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"mime"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
)

// asked are the operations that some test got the answer of that they promise, checked against its description.
var asked sync.Map

// TestMain fails a whole run in which no test asked a route of the API for a real answer.
func TestMain(m *testing.M) {
	code := m.Run()
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.fuzz"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			os.Exit(code)
		}
	}
	if described, ok := asked.Load("everything"); ok && code == 0 {
		for _, name := range described.([]string) {
			if _, ok := asked.Load(name); !ok {
				fmt.Fprintf(os.Stderr, "No test got an answer of %s from a server that serve() started: ask it, so that the answer is held against its description.\n", name)
				code = 1
			}
		}
	}
	os.Exit(code)
}

func TestEveryRouteOfTheAPIIsAskedByATest(t *testing.T) {
	var names []string
	for _, o := range operationsOf(t, everything(t)) {
		names = append(names, o.name)
	}
	asked.Store("everything", names) // TestMain compares at the end
}

// described is an operation with what recognizes its requests, and its description.
type describedOperation struct {
	name  string
	path  *regexp.Regexp
	how   string
	Body  struct{ Content contents } `json:"requestBody"`
	Reply map[string]struct {
		Content contents `json:"content"`
	} `json:"responses"`
}

type contents map[string]struct {
	Schema *jsonschema.Schema `json:"schema"`
}

// schemasOf are the components of a description, in which nothing may be that is not described.
func schemasOf(t testing.TB, s *server) (string, map[string]*jsonschema.Schema) {
	t.Helper()
	text := strings.ReplaceAll(string(s.description), "#/components/schemas/", "#/$defs/")
	var doc struct {
		Components struct {
			Schemas map[string]*jsonschema.Schema `json:"schemas"`
		} `json:"components"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	for _, one := range doc.Components.Schemas {
		if one.Properties != nil && one.AdditionalProperties == nil {
			one.AdditionalProperties = &jsonschema.Schema{Not: &jsonschema.Schema{}}
		}
	}
	return text, doc.Components.Schemas
}

func operationsOf(t testing.TB, s *server) []describedOperation {
	t.Helper()
	text, _ := schemasOf(t, s)
	var doc struct {
		Paths map[string]map[string]describedOperation `json:"paths"`
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatal(err)
	}
	var all []describedOperation
	for _, r := range s.routes() {
		if r.api == nil {
			continue
		}
		for _, o := range append([]operation{*r.api}, r.api.under...) {
			path, _, _ := described(r.path)
			one := doc.Paths[path+o.tail][strings.ToLower(r.method)]
			one.name, one.how = r.method+" "+path+o.tail, r.method
			pattern := regexp.MustCompile(`/\*\w+`).ReplaceAllString(r.path, "/.+")
			one.path = regexp.MustCompile("^" + regexp.MustCompile(`/:\w+`).ReplaceAllString(pattern, "/[^/]+") + o.tail + "$")
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b describedOperation) int { return len(b.name) - len(a.name) })
	return all
}

// checked is a handler whose answers are held against the description of the API: their status, their
// media type, their types, no field missing and none that is not described.
func checked(t testing.TB, s *server, h http.Handler) http.Handler {
	operations := operationsOf(t, s)
	_, schemas := schemasOf(t, s)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		at := slices.IndexFunc(operations, func(o describedOperation) bool { return o.how == r.Method && o.path.MatchString(r.URL.Path) })
		if at < 0 {
			h.ServeHTTP(w, r)
			return
		}
		sent, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(sent))
		rec := &recording{ResponseWriter: w, status: http.StatusOK}
		h.ServeHTTP(rec, r)
		o := operations[at]
		for _, fault := range o.faults(schemas, rec) {
			t.Errorf("%s, asked for %s, answers %d: %s", o.name, r.URL, rec.status, fault)
		}
		if rec.status < 300 {
			for _, c := range o.Body.Content {
				if fault := mismatch(schemas, c.Schema, sent); fault != nil {
					t.Errorf("%s takes a body that is not as described: %v", o.name, fault)
				}
			}
			asked.Store(o.name, true)
		}
	})
}

func (o describedOperation) faults(schemas map[string]*jsonschema.Schema, rec *recording) (faults []string) {
	reply, ok := o.Reply[strconv.Itoa(rec.status)]
	if !ok {
		return []string{"the status is not described: " + rec.body.String()}
	}
	kind, _, _ := mime.ParseMediaType(rec.Header().Get("Content-Type"))
	c, ok := reply.Content[kind]
	if !ok {
		return []string{"its content type " + kind + " is not described"}
	}
	var values [][]byte
	switch kind {
	case asJSON:
		values = [][]byte{rec.body.Bytes()}
	case asLines:
		values = bytes.Split(bytes.TrimSpace(rec.body.Bytes()), []byte("\n"))
	case asEvents:
		for line := range bytes.Lines(rec.body.Bytes()) {
			if data, ok := bytes.CutPrefix(line, []byte("data: ")); ok {
				values = append(values, data)
			}
		}
	}
	for _, v := range values {
		if fault := mismatch(schemas, c.Schema, v); fault != nil {
			faults = append(faults, fault.Error())
		}
	}
	return faults
}

// mismatch says how a value differs from its schema; nil where it doesn't.
func mismatch(schemas map[string]*jsonschema.Schema, of *jsonschema.Schema, data []byte) error {
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		return err
	}
	root := *of
	root.Defs = schemas
	whole, err := root.CloneSchemas().Resolve(nil)
	if err != nil {
		return err
	}
	return whole.Validate(value)
}

// recording keeps what was answered.
type recording struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (r *recording) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

func (r *recording) Write(p []byte) (int, error) {
	r.body.Write(p)
	return r.ResponseWriter.Write(p)
}

func (r *recording) Flush() {
	if f, ok := r.ResponseWriter.(http.Flusher); ok {
		f.Flush()
	}
}

func (r *recording) Unwrap() http.ResponseWriter { return r.ResponseWriter }
