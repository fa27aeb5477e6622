package pyrra_test

import (
	"flag"
	"testing"

	"burnline/internal/yamlconf"
	"burnline/slo/spec/internal/dialecttest"
	"burnline/slo/spec/pyrra"
)

var update = flag.Bool("update", false, "write the golden files")

func TestGoldenFiles(t *testing.T) { dialecttest.Golden(t, pyrra.Read, *update) }

func TestWhatIsWrittenReadsAsTheSame(t *testing.T) { dialecttest.RoundTrip(t, pyrra.Read, pyrra.Write) }

// FuzzRead requires that nothing crashes, and that what is read without an error is whole.
func FuzzRead(f *testing.F) {
	dialecttest.Seed(f, "testdata/*.yaml")
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, _ := yamlconf.Parse(data, yamlconf.Options{File: "a.yaml"})
		defs, _ := pyrra.Read(docs)
		dialecttest.Whole(t, defs)
		for _, d := range defs {
			for _, p := range d.Policies {
				if p.Short < 1 || p.Short >= p.Long {
					t.Errorf("a policy over %s and %s", p.Long, p.Short)
				}
			}
		}
	})
}
