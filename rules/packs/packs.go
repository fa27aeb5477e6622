package packs

import (
	"embed"
	"fmt"
	"io/fs"

	"burnline/internal/spelling"

	"gopkg.in/yaml.v3"
)

//go:embed */*.yaml
var programs embed.FS

// Pack is what is ready for one program.
type Pack struct {
	// Name is the pack's folder, and the service, job and file name that it has unless told otherwise.
	Name string `yaml:"-"`
	// Title is the program's own name.
	Title string `yaml:"title"`
	// Source names what exports the metrics, with its versions.
	Source string `yaml:"source"`
	// Setup says what has to be set up for the metrics to be there.
	Setup string `yaml:"setup"`
	// Tested says what the pack is tested with.
	Tested Tested `yaml:"tested"`

	files fs.FS
}

// Tested says what a pack is tested with.
type Tested string

// The ways in which packs are tested.
const (
	// TestedLive is a pack whose test starts the real program and makes requests to it.
	TestedLive Tested = "live"
	// TestedRecording is a pack that is tested with metrics recorded from the real program.
	TestedRecording Tested = "recording"
	// TestedStandIn is a pack that is tested with metrics recorded from the real exporter, which asked a stand-in of what
	// can't be had for a test.
	TestedStandIn Tested = "stand-in"
	// TestedDocumented is a pack that is tested with metrics written by the names and types that the exporter documents.
	TestedDocumented Tested = "documented"
)

// Words says it in a sentence.
func (t Tested) Words() string {
	switch t {
	case TestedLive:
		return "each test run, against the real program"
	case TestedRecording:
		return "with metrics recorded from the real program"
	case TestedStandIn:
		return "with metrics recorded from the real exporter before a stand-in of what it asks"
	default:
		return "with metrics written by the names and types that the exporter documents, not against the program"
	}
}

// All returns every pack, by name. It fails when one of the embedded files can't be read.
func All() ([]Pack, error) {
	entries, err := programs.ReadDir(".")
	if err != nil {
		return nil, fmt.Errorf("list the packs: %w", err)
	}
	all := make([]Pack, len(entries))
	for i, e := range entries {
		if all[i], err = read(e.Name()); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Find returns the pack of a name; an unknown name is an error that says which was meant.
func Find(name string) (Pack, error) {
	all, err := All()
	if err != nil {
		return Pack{}, err
	}
	names := make([]string, len(all))
	for i, p := range all {
		if p.Name == name {
			return p, nil
		}
		names[i] = p.Name
	}
	instead := "burnline packs list names them"
	if near := spelling.Nearest(name, names); near != "" {
		instead = "did you mean " + near + "?"
	}
	return Pack{}, fmt.Errorf("there is no pack %q: %s", name, instead)
}

// read reads one pack.
func read(name string) (Pack, error) {
	files, err := fs.Sub(programs, name)
	if err != nil {
		return Pack{}, fmt.Errorf("open the pack %s: %w", name, err)
	}
	data, err := fs.ReadFile(files, "pack.yaml")
	if err != nil {
		return Pack{}, fmt.Errorf("read the pack %s: %w", name, err)
	}
	p := Pack{Name: name, files: files}
	if err := yaml.Unmarshal(data, &p); err != nil {
		return Pack{}, fmt.Errorf("read the pack %s: %w", name, err)
	}
	return p, nil
}
