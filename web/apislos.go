package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"burnline/slo"
)

// slosJSON are the SLOs of one page of the list, or all that were asked for.
type slosJSON struct {
	SLOs []sloJSON `json:"slos"`
	// Total counts the SLOs on all pages, and Budgets their groups.
	Total   int `json:"total"`
	Budgets int `json:"budgets"`
	// States counts the budgets in each state, as they are shown.
	States map[slo.State]int `json:"states"`
	// Groups are the values of what was asked for by "by", in the order of the list.
	Groups []groupJSON `json:"groups"`
	// Page counts from 1; without a limit there is one.
	Page  int `json:"page"`
	Pages int `json:"pages"`
}

// groupJSON counts the budgets of one team, service, journey or tier.
type groupJSON struct {
	// Name is "" for those that say nothing of it.
	Name    string            `json:"name"`
	Budgets int               `json:"budgets"`
	States  map[slo.State]int `json:"states"`
}

// maxLimit is the longest page of the list of SLOs.
const maxLimit = 1000

// slosQuery are the parameters of the list of SLOs.
func slosQuery() map[string]string {
	return map[string]string{
		"q":       "words that all have to occur in what is shown of an SLO",
		"state":   "a state as pages show it, such as burning",
		"team":    "a team, with those below it",
		"service": "a service", "journey": "a journey", "tier": "a tier",
		"label": "a label as name=value; may be given several times",
		"sort":  "state, name, objective, budget, burn, errors or events; a dash before it turns it round. By default, name",
		"by":    "team, service, journey or tier: adds how many budgets each has in which state",
		"limit": "SLOs on a page, 1 to 1,000; without it there is one page",
		"page":  "which page, from 1",
	}
}

// apiSLOs lists SLOs with the statuses of their groups: all, or one page of those that are asked for.
func (s *server) apiSLOs(c *gin.Context) {
	q := c.Request.URL.Query()
	limit, page, err := readPage(q)
	if err == nil {
		err = checkChoice(q)
	}
	if err != nil {
		s.fail(c, http.StatusBadRequest, err.Error(), c.Request.URL.RawQuery)
		return
	}
	if !q.Has("sort") {
		q.Set("sort", "name")
	}
	f, v := s.fleet(), s.sieve(choose(q))
	found := v.found(f)
	out := slosJSON{SLOs: []sloJSON{}, Budgets: len(found), States: f.count(found), Groups: []groupJSON{}, Page: page, Pages: 1}
	if v.By != "" {
		for _, m := range v.groupsOf(f, found) {
			out.Groups = append(out.Groups, groupJSON{m.name, len(m.rows), f.count(m.rows)})
		}
	}
	order := f.together(found)
	out.Total = len(order)
	if limit > 0 {
		out.Pages = max(1, (out.Total+limit-1)/limit)
		order = order[min((page-1)*limit, len(order)):min(page*limit, len(order))]
	}
	for _, place := range order {
		out.SLOs = append(out.SLOs, toSLO(f.defs[place], v.judged(f, place)))
	}
	c.JSON(http.StatusOK, out)
}

// readPage reads the length of a page, 0 for one page of all, and which is asked for.
func readPage(q url.Values) (limit, page int, _ error) {
	page = 1
	for name, at := range map[string]*int{"limit": &limit, "page": &page} {
		if !q.Has(name) {
			continue
		}
		n, err := strconv.Atoi(q.Get(name))
		if err != nil || n < 1 || (name == "limit" && n > maxLimit) || n > 1<<30 {
			return 0, 0, fmt.Errorf("limit is a whole number from 1 to %d, and page one from 1", maxLimit)
		}
		*at = n
	}
	return limit, min(page, 1<<20), nil
}

// checkChoice says what of a choice can't be read, which pages take as if it were not there.
func checkChoice(q url.Values) error {
	if key := strings.TrimPrefix(q.Get("sort"), "-"); key != "" && !slices.ContainsFunc(columns(), func(c column) bool { return c.Key == key }) {
		return fmt.Errorf("sort is state, name, objective, budget, burn, errors or events, with a dash before it to turn it round")
	}
	if by := q.Get("by"); by != "" && !slices.Contains(traits(), trait(by)) {
		return fmt.Errorf("by is team, service, journey or tier")
	}
	for _, l := range q["label"] {
		if !strings.Contains(l, "=") {
			return fmt.Errorf("label is written name=value")
		}
	}
	return nil
}

// together returns the places of the definitions that rows belong to, in the order of their
// first rows.
func (f *fleet) together(found []int) []int {
	seen, order := make([]bool, len(f.defs)), make([]int, 0, len(f.defs))
	for _, i := range found {
		if place := f.places[i]; !seen[place] {
			seen[place] = true
			order = append(order, place)
		}
	}
	return order
}

// judged returns the statuses of a definition's listed groups; none where it was not judged yet.
func (v sieve) judged(f *fleet, place int) []slo.Status {
	var all []slo.Status
	for i := f.first[place]; i < f.first[place+1]; i++ {
		if st := f.rows[i].Status; st.Reason != notJudged && v.passes(f, i) {
			all = append(all, st)
		}
	}
	return all
}
