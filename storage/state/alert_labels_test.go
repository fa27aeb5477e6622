package state

import (
	"encoding/json"
	"maps"
	"reflect"
	"testing"
	"unicode/utf8"

	"burnline/slo"
)

// What is stored must be what encoding/json writes, and be read as it reads it: other versions of Burnline do.
func FuzzLabelsAreStoredAndReadAsEncodingJSONDoes(f *testing.F) {
	f.Add("alertname", "Down", "instance", `a"b\c<d>&é`)
	f.Add("", "", "x", "\x00\n")
	f.Add("a,b", `":"`, "{}", "[]")
	f.Fuzz(func(t *testing.T, name, value, name2, value2 string) {
		ls := slo.Labels{{Name: name, Value: value}, {Name: name2, Value: value2}}
		text, err := encodeLabels(ls)
		want, wantErr := json.Marshal([]string{name, value, name2, value2})
		if text != string(want) || (err == nil) != (wantErr == nil) {
			t.Fatalf("labels are written as %s, %v; want %s", text, err, want)
		}
		var got labelText
		if err := got.Scan(text); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(name+value+name2+value2) && !reflect.DeepEqual(slo.Labels(got), ls) {
			t.Errorf("%q is read as %q", ls, got)
		}
		notes := map[string]string{name: value, name2: value2}
		text, err = encodeNotes(notes)
		if want, _ = json.Marshal(notes); text != string(want) || err != nil {
			t.Fatalf("annotations are written as %s, %v; want %s", text, err, want)
		}
		var read noteText
		if err := read.Scan(text); err != nil {
			t.Fatal(err)
		}
		if utf8.ValidString(name+value+name2+value2) && !maps.Equal(read, notes) {
			t.Errorf("%q is read as %q", notes, read)
		}
	})
}

func FuzzWhatEncodingJSONTakesIsReadTheSame(f *testing.F) {
	for _, seed := range []string{`[]`, `{}`, `null`, `["a","b"]`, `["a", "b"]`, `["a":"b"]`, `["a","b",]`, `{"a":"b","c":"d"}`, `{"a","b"}`, `{"a":"b":"c","d"}`, `["a`, `["a"`, `[""]`, `["é\u00e9","\ud800"]`, `{"a":1}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var flat []string
		if json.Unmarshal([]byte(text), &flat) == nil && utf8.ValidString(text) {
			var got labelText
			if err := got.Scan(text); err != nil || len(got) != len(flat)/2 {
				t.Errorf("%q has %d labels, %v; want %d", text, len(got), err, len(flat)/2)
			}
			for i, l := range got {
				if l.Name != flat[2*i] || l.Value != flat[2*i+1] {
					t.Errorf("%q is read as %q", text, got)
				}
			}
		}
		var notes map[string]string
		if json.Unmarshal([]byte(text), &notes) == nil && utf8.ValidString(text) {
			var got noteText
			if err := got.Scan(text); err != nil || !maps.Equal(got, notes) {
				t.Errorf("%q is read as %q, %v", text, got, err)
			}
		}
	})
}

func TestPartsNeedFewStatements(t *testing.T) {
	values := make([]int, 343)
	var sizes []int
	for part := range parts(values) {
		sizes = append(sizes, len(part))
	}
	if want := []int{256, 64, 16, 4, 1, 1, 1}; !reflect.DeepEqual(sizes, want) {
		t.Errorf("parts are %v, want %v", sizes, want)
	}
	sizes = nil
	for part := range filled(values) {
		sizes = append(sizes, len(part))
	}
	if want := []int{256, 256}; !reflect.DeepEqual(sizes, want) {
		t.Errorf("filled parts are %v, want %v", sizes, want)
	}
	for part := range filled([]int{1, 2}) {
		if want := []any{1, 2, 2, 2}; !reflect.DeepEqual(part, want) {
			t.Errorf("got %v, want %v", part, want)
		}
	}
}
