package pyrra_test

import (
	"flag"
	"os"
	"testing"

	"burnline/internal/yamlconf"
	"burnline/slo"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/pyrra"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGoldenFiles(t *testing.T) { dialecttest.Golden(t, pyrra.Read, *update) }

func TestWhatIsWrittenReadsAsTheSame(t *testing.T) { dialecttest.RoundTrip(t, pyrra.Read, pyrra.Write) }

// FuzzRead requires that nothing crashes, and that what is read without an error is whole.
func FuzzRead(f *testing.F) {
	for _, file := range []string{"indicators", "alerting", "wrong"} {
		data, err := os.ReadFile("testdata/" + file + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _ := yamlconf.Parse(data, yamlconf.Options{File: "a.yaml"})
		defs, _ := pyrra.Read(docs)
		for _, d := range defs {
			if d.SLI == (slo.SLI{}) || !(d.Budget() > 0) || d.Name == "" || d.Window.Rolling <= 0 {
				t.Errorf("half an SLO: %+v", d)
			}
			for _, p := range d.Policies {
				if p.Short < 1 || p.Short >= p.Long {
					t.Errorf("a policy over %s and %s", p.Long, p.Short)
				}
			}
		}
	})
}
