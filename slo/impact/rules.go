package impact

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"burnline/slo"
)

// Rule raises a ticket to a page: when all of its conditions hold. It never lowers a
// severity, and nothing waits for it.
type Rule struct {
	conditions []condition
}

// condition compares one thing that is known of an incident.
type condition struct {
	name, value string
	// more and orEqual are those of "> 100" and ">= 100"; least is the number.
	number  bool
	orEqual bool
	least   float64
}

// What conditions may be about, beside customers and the SLO's labels.
const (
	aboutService = "service"
	aboutTeam    = "team"
	aboutJourney = "journey"
)

// NewRule reads conditions: customers with a comparison such as ">= 100", service, team and
// journey with their value, and any other name as one of the SLO's labels, such as tier. The
// errors are by name, each with what to write instead.
func NewRule(when map[string]string) (Rule, map[string]error) {
	var r Rule
	wrong := map[string]error{}
	if len(when) == 0 {
		wrong[""] = errors.New("it has no condition, so every ticket would be a page; write when: {tier: \"1\", customers: \">= 100\"}")
	}
	for name, value := range when {
		c := condition{name: name, value: value}
		if name == "customers" {
			var err error
			if c, err = comparison(name, value); err != nil {
				wrong[name] = err
			}
		} else if strings.TrimSpace(value) == "" {
			wrong[name] = fmt.Errorf("it is empty; write the value that %s has to have", name)
		}
		r.conditions = append(r.conditions, c)
	}
	slices.SortFunc(r.conditions, func(a, b condition) int { return strings.Compare(a.name, b.name) })
	return r, wrong
}

// comparison reads ">= 100" and "> 100".
func comparison(name, value string) (condition, error) {
	c := condition{name: name, value: value, number: true}
	rest, found := strings.CutPrefix(strings.TrimSpace(value), ">")
	if found {
		rest, c.orEqual = strings.CutPrefix(rest, "=")
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(rest), 64)
	if !found || err != nil || n < 0 {
		return c, fmt.Errorf("%q is no comparison; write \">= 100\" or \"> 100\"", value)
	}
	c.least = n
	return c, nil
}

// Counts reports whether the rule asks how many customers are hurt.
func (r Rule) Counts() bool {
	return slices.ContainsFunc(r.conditions, func(c condition) bool { return c.number })
}

// Holds reports whether the rule raises an incident of an SLO that hurts so many customers;
// where that is not known, no rule that asks for it holds.
func (r Rule) Holds(d *slo.Definition, customers float64, known bool) bool {
	for _, c := range r.conditions {
		switch {
		case c.number && (!known || customers < c.least || customers == c.least && !c.orEqual):
			return false
		case !c.number && c.of(d) != c.value:
			return false
		}
	}
	return len(r.conditions) > 0
}

// of is what an SLO has for the condition's name.
func (c condition) of(d *slo.Definition) string {
	switch c.name {
	case aboutService:
		return d.Service
	case aboutTeam:
		return d.Team
	case aboutJourney:
		return d.Journey
	}
	return d.Labels[c.name]
}

// String says the rule in words: "customers >= 100 and tier 1".
func (r Rule) String() string {
	all := make([]string, len(r.conditions))
	for i, c := range r.conditions {
		all[i] = c.name + " " + strings.TrimSpace(c.value)
	}
	return strings.Join(all, " and ")
}

// Raises says by which rule an incident of an SLO is raised to a page; "" by none.
func (t *Tracker) Raises(rules []Rule, in slo.Incident, d *slo.Definition) string {
	for _, r := range rules {
		var customers float64
		var exact, partial, known bool
		if r.Counts() {
			customers, exact, partial, known = t.hurt(in)
		}
		if !r.Holds(d, customers, known) {
			continue
		}
		if r.Counts() {
			return fmt.Sprintf("it hurts %s customers (%s)", raising(customers, exact, partial), r)
		}
		return "a rule asks for it (" + r.String() + ")"
	}
	return ""
}

// raising says how many customers made a ticket rise, and how sure that is: an estimate by three digits.
func raising(customers float64, exact, partial bool) string {
	about := ""
	if !exact {
		unit := math.Pow10(max(0, int(math.Log10(max(1, customers)))-2))
		about, customers = "about ", math.Round(customers/unit)*unit
	}
	if partial {
		about = "at least "
	}
	return fmt.Sprintf("%s%.0f", about, customers)
}
