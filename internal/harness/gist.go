package harness

import (
	"fmt"
	"strings"
)

// lastLines is how many of the last lines of an output are told whatever they say.
const lastLines = 30

// Gist returns what of the output matters when something failed: what the program logged as warnings and errors, what it said besides
// its log, such as why it panicked, and the last lines.
func (p *Process) Gist() string { return gist(p.Output()) }

func gist(output string) string {
	lines := strings.Split(strings.TrimRight(output, "\n"), "\n")
	var told []string
	for i, line := range lines {
		level := strings.ToLower(line)
		if i >= len(lines)-lastLines || !strings.Contains(level, "level=info") && !strings.Contains(level, "level=debug") {
			told = append(told, line)
		}
	}
	if left := len(lines) - len(told); left > 0 {
		told = append(told, fmt.Sprintf("(and %d lines before that tell of nothing wrong)", left))
	}
	return strings.Join(told, "\n")
}
