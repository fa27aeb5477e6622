// Package sbom lists what a binary is made of, in CycloneDX' form, so that whoever runs it can be
// told which published weakness concerns it.
package sbom

import (
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

// Part is a component that Go does not know of because it is C: its name, version and package
// URL (purl).
type Part struct{ Name, Version, URL string }

// Write writes the list of a binary's components as CycloneDX JSON: Go's own library, every module
// with its checksum, and the further parts. The same binary gives the same bytes.
func Write(w io.Writer, version string, info *debug.BuildInfo, further ...Part) error {
	bom := cyclonedx.NewBOM()
	self := golang(info.Main.Path, version)
	self.Type = cyclonedx.ComponentTypeApplication
	bom.Metadata = &cyclonedx.Metadata{Component: &self}
	all := []cyclonedx.Component{golang("std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		all = append(all, module(m))
	}
	for _, p := range further {
		all = append(all, cyclonedx.Component{BOMRef: p.URL, Type: cyclonedx.ComponentTypeLibrary, Name: p.Name, Version: p.Version, PackageURL: p.URL})
	}
	bom.Components = &all
	needs := make([]string, len(all))
	for i, c := range all {
		needs[i] = c.BOMRef
	}
	bom.Dependencies = &[]cyclonedx.Dependency{{Ref: self.BOMRef, Dependencies: &needs}}
	if err := cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bom); err != nil {
		return fmt.Errorf("write the list of components: %w", err)
	}
	return nil
}

// golang is a component of Go's own kind.
func golang(path, version string) cyclonedx.Component {
	url := "pkg:golang/" + path + "@" + version
	return cyclonedx.Component{BOMRef: url, Type: cyclonedx.ComponentTypeLibrary, Name: path, Version: version, PackageURL: url}
}

// module is a component with the checksum of Go's checksum database (h1, a hash over all its files) as a property:
// it is no hash of one file, which is what CycloneDX calls one.
func module(m *debug.Module) cyclonedx.Component {
	c := golang(m.Path, m.Version)
	if m.Sum != "" {
		c.Properties = &[]cyclonedx.Property{{Name: "golang:sum", Value: m.Sum}}
	}
	return c
}
