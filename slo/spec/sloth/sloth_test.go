package sloth_test

import (
	"bytes"
	"flag"
	"os"
	"testing"

	"burnline/internal/yamlconf"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/sloth"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGoldenFiles(t *testing.T) { dialecttest.Golden(t, sloth.Read, *update) }

func TestWhatIsWrittenReadsAsTheSame(t *testing.T) {
	dialecttest.RoundTrip(t, sloth.Read, sloth.Write)
}

func TestWindowsLineEndsMakeNoDifference(t *testing.T) {
	data, err := os.ReadFile("testdata/events.yaml")
	if err != nil {
		t.Fatal(err)
	}
	unix, _ := sloth.Read(dialecttest.Parse(t, "events.yaml", data))
	windows, findings := sloth.Read(dialecttest.Parse(t, "events.yaml", bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))))
	if len(findings.Errors()) > 0 {
		t.Fatal(findings)
	}
	if got, want := dialecttest.Text(windows, nil), dialecttest.Text(unix, nil); got != want || len(unix) == 0 {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// FuzzRead requires that nothing crashes, and that what is read without an error is whole.
func FuzzRead(f *testing.F) {
	dialecttest.Seed(f, "testdata/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _ := yamlconf.Parse(data, yamlconf.Options{File: "a.yaml"})
		defs, _ := sloth.Read(docs)
		dialecttest.Whole(t, defs)
	})
}
