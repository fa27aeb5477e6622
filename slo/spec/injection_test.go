package spec_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"testing"

	"gopkg.in/yaml.v3"

	"burnline/internal/harness/nasty"
	"burnline/slo"
	"burnline/slo/spec"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/openslo"
	"burnline/slo/spec/pyrra"
	"burnline/slo/spec/sloth"
)

// shape names every key of the documents in a file, but no value.
func shape(t *testing.T, data []byte) []string {
	t.Helper()
	keys := map[string]bool{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, one := range v {
				keys[path+"."+name] = true
				walk(path+"."+name, one)
			}
		case []any:
			for i, one := range v {
				walk(fmt.Sprint(path, "[", i, "]"), one)
			}
		}
	}
	for d, n := yaml.NewDecoder(bytes.NewReader(data)), 0; ; n++ {
		var tree any
		if err := d.Decode(&tree); errors.Is(err, io.EOF) {
			return slices.Sorted(maps.Keys(keys))
		} else if err != nil {
			t.Fatalf("%v in\n%s", err, data)
		}
		walk(fmt.Sprint(n), tree)
	}
}

// A description, a label or an annotation is one text of what convert writes, in every form: it ends no line, adds no
// key and begins no document.
func TestATextFromOutsideIsOneValueOfAFile(t *testing.T) {
	for form, write := range map[string]dialecttest.Write{"native": spec.Write, "OpenSLO": openslo.Write, "Sloth": sloth.Write, "Pyrra": pyrra.Write} {
		written := func(text string) []byte {
			defs := dialecttest.Definitions()
			for i := range defs {
				d := &defs[i]
				d.Description = text
				d.Labels, d.Annotations, d.AlertLabels = map[string]string{"tier": text}, map[string]string{"note": text}, map[string]string{"channel": text}
				if e := d.SLI.Events; e != nil {
					for _, sum := range []slo.Sum{e.Total, e.Bad, e.Good} {
						for n := range sum {
							sum[n].Selector.Matchers = append(slices.Clone(sum[n].Selector.Matchers), slo.Matcher{Label: "handler", Op: slo.MatchEqual, Value: text})
						}
					}
				}
			}
			var out bytes.Buffer
			said, err := write(&out, defs)
			if err != nil {
				t.Fatal(err)
			}
			if out.Len() == 0 {
				t.Errorf("%s writes nothing for %q: %v", form, text, said)
			}
			return out.Bytes()
		}
		want := shape(t, written("x"))
		for name, text := range nasty.Texts() {
			data := written(text)
			if got := shape(t, data); !slices.Equal(got, want) {
				t.Errorf("%s, %s: its keys are %q, want %q", form, name, got, want)
			}
		}
	}
}
