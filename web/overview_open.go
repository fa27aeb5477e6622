package web

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"

	"burnline/alerting"
	"burnline/slo"
)

const (
	// mostPages is how many open pages the overview reads and counts, and shownPages how many it lists.
	mostPages  = 2000
	shownPages = 300
	// shownTickets is how many open tickets the overview reads and lists, the newest.
	shownTickets = 100
)

// openList is what is open, pages first.
type openList struct {
	Rows []incidentRow
	// Said counts what is open where that is more than one line says; "" where the list speaks for itself.
	Said string
	// Hidden is how many are not listed; the list of incidents has them.
	Hidden int
}

// openIncidents reads what is open: every page before any ticket, so that no storm of tickets hides a page.
// concerning keeps those that the view is about; everything says that it is about all.
func (s *server) openIncidents(c *gin.Context, concerning func([]incidentRow) []incidentRow, everything bool) (openList, error) {
	pages, err := s.records(c, alerting.Filter{OnlyOpen: true, Severity: slo.Page, Limit: mostPages})
	if err != nil {
		return openList{}, err
	}
	tickets, err := s.records(c, alerting.Filter{OnlyOpen: true, Severity: slo.Ticket, Limit: shownTickets})
	if err != nil {
		return openList{}, err
	}
	all := len(tickets)
	if len(tickets) == shownTickets {
		n, err := s.Ledger.OpenCount(c.Request.Context())
		if err != nil {
			return openList{}, err
		}
		all = max(all, n-len(pages))
	}
	list := openList{Rows: concerning(s.incidentRows(slices.Concat(pages, tickets)))}
	slices.SortStableFunc(list.Rows, func(a, b incidentRow) int { return cmp.Compare(a.rank(), b.rank()) })
	paged := 0
	for _, r := range list.Rows {
		paged += 1 - r.rank()
	}
	ticketed := len(list.Rows) - paged
	if everything {
		ticketed = all
	}
	list.Hidden = paged + ticketed - len(list.Rows)
	if paged > shownPages {
		list.Rows = slices.Delete(list.Rows, shownPages, paged)
		list.Hidden += paged - shownPages
	}
	list.Said = openSaid(paged, ticketed, len(pages) == mostPages)
	return list, nil
}

// openSaid counts what is open in words.
func openSaid(pages, tickets int, more bool) string {
	least := ""
	if more {
		least = "At least "
	}
	switch {
	case pages+tickets < 2:
		return ""
	case tickets == 0:
		return least + plural(pages, "page", "pages") + " are open."
	case pages == 0:
		return plural(tickets, "ticket", "tickets") + " are open, and no page."
	}
	return fmt.Sprintf("%s%s and %s are open.", least, plural(pages, "page", "pages"), plural(tickets, "ticket", "tickets"))
}
