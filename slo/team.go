package slo

// Under returns the names of a team and of all teams below it.
func Under(all []Team, name string) map[string]bool {
	in := map[string]bool{name: true}
	for grown := true; grown; {
		grown = false
		for _, t := range all {
			if in[t.Parent] && !in[t.Name] {
				in[t.Name], grown = true, true
			}
		}
	}
	return in
}
