package spec

import (
	"fmt"
	"slices"
	"strings"

	"burnline/internal/yamlconf"
	"burnline/slo"
)

// composite reads an SLO of SLOs; whether its parts exist shows when all files
// are read.
func (r *reader) composite(in composite) *slo.CompositeSLI {
	const path = "spec.sli.composite"
	c := &slo.CompositeSLI{Method: slo.CompositeMethod(in.Method)}
	if c.Method != slo.Weighted && c.Method != slo.Worst && !r.unread(path+".method") {
		r.wrong(path+".method", fmt.Sprintf("%q is no way to combine SLOs", in.Method), "write weighted or worst")
	}
	if len(in.Of) < 2 && !r.unread(path+".of") {
		r.wrong(path+".of", "a composite combines at least two SLOs", "write of: [{slo: checkout/availability}, {slo: checkout/latency}]")
	}
	for i, p := range in.Of {
		at := fmt.Sprintf("%s.of[%d]", path, i)
		part := slo.CompositePart{SLO: p.SLO, Weight: 1}
		switch {
		case r.unread(at):
		case p.SLO == "":
			r.wrong(at+".slo", "it is missing", "write the SLO's ID, service/name")
		case slices.ContainsFunc(c.Parts, func(other slo.CompositePart) bool { return other.SLO == p.SLO }):
			r.wrong(at+".slo", p.SLO+" is listed twice", "keep one of them, and give it a weight")
		}
		if p.Weight != nil {
			part.Weight = *p.Weight
			switch {
			case c.Method == slo.Worst:
				r.wrong(at+".weight", "the worst part counts alone, so weights have no place", "remove it, or write method: weighted")
			case !(part.Weight > 0 && part.Weight <= 1e9) && !r.unread(at+".weight"):
				r.wrong(at+".weight", fmt.Sprintf("%g is no weight", part.Weight), "write one above 0, such as 2")
			}
		}
		c.Parts = append(c.Parts, part)
	}
	return c
}

// parts keeps the definitions whose composites have parts that can be
// combined, and says of the others what is wrong. docs are the native documents by
// where they stand.
func parts(defs []slo.Definition, docs map[slo.Source]*yamlconf.Document) ([]slo.Definition, slo.Findings) {
	byID := make(map[string]*slo.Definition, len(defs))
	for i := range defs {
		byID[defs[i].ID] = &defs[i]
	}
	var kept []slo.Definition
	var findings slo.Findings
	for i := range defs {
		wrong := false
		for n, part := range partsOf(&defs[i]) {
			message, instead := misfit(part.SLO, defs, byID)
			if message == "" {
				continue
			}
			wrong = true
			path := fmt.Sprintf("spec.sli.composite.of[%d].slo", n)
			if doc := docs[defs[i].Source]; doc != nil {
				findings = append(findings, doc.Finding(path, message, instead))
				continue
			}
			findings = append(findings, slo.Finding{Source: defs[i].Source, Level: slo.LevelError, Message: message, Instead: instead})
		}
		if !wrong {
			kept = append(kept, defs[i])
		}
	}
	return kept, findings
}

func partsOf(d *slo.Definition) []slo.CompositePart {
	if d.SLI.Composite == nil {
		return nil
	}
	return d.SLI.Composite.Parts
}

// misfit says why an SLO can't be a part of a composite; "" when it can.
func misfit(id string, defs []slo.Definition, byID map[string]*slo.Definition) (message, instead string) {
	if d := byID[id]; d != nil {
		if d.SLI.Composite != nil {
			return id + " is a composite itself", "write its parts here"
		}
		return "", ""
	}
	var objectives, near []string
	service, name, _ := strings.Cut(id, "/")
	for i := range defs {
		_, other, _ := strings.Cut(defs[i].ID, "/")
		switch {
		case defs[i].SLI.Composite != nil:
		case strings.HasPrefix(defs[i].ID, id+"/"):
			objectives = append(objectives, defs[i].ID)
		case name != "" && other == name || defs[i].Service == service:
			near = append(near, defs[i].ID)
		}
	}
	if len(objectives) > 0 {
		near = objectives
	}
	if len(near) > 0 {
		return "there is no SLO " + id, "write " + strings.Join(near[:min(3, len(near))], " or ")
	}
	return "there is no SLO " + id, "write the ID of one that is in these files, service/name"
}
