package propose

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"burnline/slo"
	"burnline/slo/spec"
)

// Text writes the proposals of one service as an SLO file, with the reasons as comments. It
// reads its own text back: an error means that it would not be what was meant, and the findings of
// a check that are worth a mention come back with it.
func Text(all []Proposal) ([]byte, error) {
	var out bytes.Buffer
	for i := range all {
		p := &all[i]
		if i > 0 {
			out.WriteString("---\n")
		}
		for _, line := range slices.Concat([]string{upper(p.Reason) + "."}, p.Notes) {
			fmt.Fprintf(&out, "# %s\n", strings.ReplaceAll(line, "\n", " "))
		}
		findings, err := spec.Write(&out, []slo.Definition{p.Definition})
		if err == nil && len(findings) > 0 {
			err = findings
		}
		if err != nil {
			return nil, fmt.Errorf("write the SLO %s: %w", p.Definition.ID, err)
		}
	}
	set, findings := spec.Parse("proposal", out.Bytes())
	findings = append(findings, slo.Lint(set.Definitions, nil)...)
	if errs := findings.Errors(); len(errs) > 0 {
		return nil, fmt.Errorf("check the proposed SLOs: %w", errs)
	}
	if len(set.Definitions) != len(all) {
		return nil, fmt.Errorf("check the proposed SLOs: %d were written and %d can be read", len(all), len(set.Definitions))
	}
	return out.Bytes(), nil
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
