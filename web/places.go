package web

import "burnline/alerting"

// place is a page that the navigation leads to.
type place struct {
	// Name is what pages give as the part of the navigation that is current.
	Name, Text, Href string
	// Key goes there after a g, and Goal says in the help where that is.
	Key, Goal string
}

// places are the pages of the navigation that this server has, in their order.
func (s *server) places(shadow alerting.Shadow) []place {
	all := []struct {
		place
		there bool
	}{
		{place{"slos", "SLOs", "/", "s", "SLOs"}, true},
		{place{"incidents", "Incidents", "/incidents", "i", "incidents"}, true},
		{place{"traces", "Traces", "/traces", "t", "traces"}, s.Traces != nil},
		{place{"shadow", "Shadow", "/shadow", "w", "shadow mode"}, shadow.On},
		{place{"changes", "Changes", "/changes", "d", "changes"}, s.Changes != nil},
		{place{"silences", "Silences", "/silences", "q", "silences"}, s.Silences != nil},
		{place{"corrections", "Corrections", "/corrections", "c", "corrections"}, s.Corrections != nil},
		{place{"posts", "Posts", "/posts", "p", "posts for customers"}, s.StatusPosts != nil && len(s.StatusPosts.Journeys(nil)) > 0},
		{place{"reports", "Reports", "/reports", "r", "reports"}, s.Reports != nil},
		{place{"system", "System", "/system", "h", "system health"}, true},
	}
	var some []place
	for _, p := range all {
		if p.there {
			some = append(some, p.place)
		}
	}
	return some
}
