package alerting

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"burnline/slo"
)

// mostSaid is how long a summary with evidence is at most, in characters: PagerDuty takes
// 1,024, and what is said before it ("Acknowledged by …") needs its place.
const mostSaid = 900

// clause is a sentence of a summary; what is least important goes first where there is no room.
type clause struct {
	text string
	// rank is how dispensable it is; 0 always stays.
	rank int
}

// within joins sentences, without the most dispensable ones where they are too long together.
func within(most int, all ...clause) string {
	for {
		texts, worst := make([]string, 0, len(all)), -1
		for i, s := range all {
			texts = append(texts, s.text)
			if s.text != "" && s.rank > 0 && (worst < 0 || s.rank > all[worst].rank) {
				worst = i
			}
		}
		whole := sentences(texts...)
		if worst < 0 || utf8.RuneCountInString(whole) <= most {
			return whole
		}
		all[worst].text = ""
	}
}

// customersHurt says how many customers suffer.
func customersHurt(t slo.Transition) string {
	if t.Evidence == nil || t.Evidence.Impact == nil || t.Evidence.Impact.Customers == nil {
		return ""
	}
	i, c := t.Evidence.Impact, t.Evidence.Impact.Customers
	if c.Hurt < 1 {
		return ""
	}
	about, verb := "", "are"
	if t.Kind == slo.IncidentClosed {
		verb = "were"
	}
	switch {
	case atLeast(i):
		about = "at least "
	case c.Error > 0 && !c.HurtExact:
		about = "about "
	}
	noun := "customers"
	if c.Hurt == 1 {
		noun = "customer"
		verb = map[string]string{"are": "is", "were": "was"}[verb]
	}
	of := ""
	if c.Seen > c.Hurt && !atLeast(i) {
		of = " of " + estimate(c.Seen, c.Error > 0)
		if c.Error > 0 && c.HurtExact {
			of = " of about " + estimate(c.Seen, true)
		}
		noun = "customers"
	}
	return capital(fmt.Sprintf("%s%s%s %s %s hurt.", about, estimate(c.Hurt, c.Error > 0 && !c.HurtExact), of, noun, verb))
}

// nameless is the share of failures that may name no customer without more customers being likely.
const nameless = 0.005

// atLeast reports whether more customers may be hurt than are known: not all was seen, or not all that
// failed says whom it served.
func atLeast(i *slo.Impact) bool {
	return i.AtLeast || i.Customers != nil && i.Customers.Unnamed > nameless
}

// estimate writes a number, an estimated one by three digits.
func estimate(n float64, rough bool) string {
	if rough {
		n = signif(n, 3)
	}
	return Count(n)
}

// whereItFails says which places explain the failures, or what is slow.
func whereItFails(e *slo.Evidence, slow bool) string {
	if e == nil || e.Where == nil {
		return ""
	}
	w := e.Where
	if len(w.Explanations) == 0 {
		if !w.Everywhere || len(w.Attributes) == 0 {
			return ""
		}
		return "It is everywhere: no " + either(attributeWords(w.Attributes)) + " stands out."
	}
	first := w.Explanations[0]
	them, do := "failures", "fail"
	if slow {
		them, do = "slow ones", "are slow"
	}
	text := fmt.Sprintf("%s of the %s are in %s, where %s %s", Percent(first.Share), them, places(first.Labels), Percent(first.Ratio), do)
	if len(w.Explanations) == 1 {
		return text + ", against " + Percent(first.Outside) + " elsewhere."
	}
	second := w.Explanations[1]
	text += fmt.Sprintf("; %s in %s", Percent(second.Share), places(second.Labels))
	if more := len(w.Explanations) - 2; more > 0 {
		text += fmt.Sprintf(", and there are %d more causes", more)
	}
	return text + "."
}

// places names a combination: region eu and version 2.14.0.
func places(ls slo.Labels) string {
	each := make([]string, len(ls))
	for i, l := range ls {
		each[i] = attributeWord(l.Name) + " " + inline(l.Value)
	}
	return list(each)
}

// attributeWord is what people call an attribute: the last part of its name that says
// something, such as region of cloud.region and cluster of k8s.cluster.name.
func attributeWord(name string) string {
	parts := strings.FieldsFunc(name, func(r rune) bool { return r == '.' })
	for i := len(parts) - 1; i >= 0; i-- {
		if p := parts[i]; i == 0 || p != "name" && p != "id" {
			return inline(words(p))
		}
	}
	return inline(name)
}

func attributeWords(names []string) []string {
	var all []string
	for _, n := range names {
		all = append(all, attributeWord(n))
	}
	return all
}

// either writes items as a person would after "no": a, b or c; after the fourth it stops.
func either(items []string) string {
	const most = 4
	items = items[:min(len(items), most)]
	if len(items) == 1 {
		return items[0]
	}
	return strings.Join(items[:len(items)-1], ", ") + " or " + items[len(items)-1]
}

// changeNamed names the most plausible change.
func changeNamed(e *slo.Evidence) string {
	if e == nil || len(e.Changes) == 0 {
		return ""
	}
	c := e.Changes[0]
	return changeTime(c) + " it began, " + changeTitle(c) + "."
}

// changeTime says how long before or after the start it happened.
func changeTime(c slo.NearChange) string {
	if c.Before < 0 {
		return capital(Duration(-c.Before)) + " after"
	}
	return capital(Duration(c.Before)) + " before"
}

// changeTitle says what changed.
func changeTitle(c slo.NearChange) string {
	title := inline(c.Change.Title)
	switch c.Change.Kind {
	case slo.ChangeDeploy:
		return title + " was deployed"
	case slo.ChangeFlag:
		return "the flag " + title + " was changed"
	case slo.ChangeConfig:
		return "the configuration " + title + " was changed"
	case slo.ChangeVersion:
		return title + " was seen for the first time"
	}
	return title + " changed"
}

// failingPart says what the failing traces have in common.
func failingPart(e *slo.Evidence) string {
	what := ""
	if e != nil {
		for i, x := range e.Examples {
			if i > 0 && x.What != what || x.What == "" {
				return ""
			}
			what = x.What
		}
	}
	if what == "" {
		return ""
	}
	return "The traces end in " + inline(what) + "."
}

// evidence adds what is known beside the counts.
func (f *factSheet) evidence(e *slo.Evidence, o TextOptions) {
	if e == nil {
		return
	}
	if i := e.Impact; i != nil {
		f.add("customers hurt", customersFact(i))
		f.add("regions", partsFact(i.Regions, i.AtLeast))
		f.add("journeys", partsFact(i.Journeys, i.AtLeast))
		if i.Cost != nil {
			f.add("cost", strings.TrimSpace("about "+estimate(i.Cost.Amount, true)+" "+i.Cost.Currency)+" (estimate)")
		}
	}
	if w := e.Where; w != nil {
		for n, x := range w.Explanations {
			f.add(numbered("where", n), explanationFact(x, w.Sampled))
		}
		if len(w.Explanations) == 0 && w.Everywhere {
			f.add("where", "everywhere: nothing stands out of "+strings.Join(w.Attributes, ", "))
		}
	}
	for n, c := range e.Changes {
		if n < maxShownChanges {
			f.add(numbered("change", n), changeFact(c, o))
		}
	}
	for n, x := range e.Examples {
		f.add(numbered("failing trace", n), exampleFact(x, o))
	}
}

// EvidenceFacts are the facts that evidence adds to a message, the most important first.
func EvidenceFacts(e *slo.Evidence) []Detail {
	var f factSheet
	f.evidence(e, TextOptions{})
	return f
}

// IsEvidence reports whether a fact of that name comes from evidence.
func IsEvidence(name string) bool {
	switch strings.TrimRight(name, " 0123456789") {
	case "customers hurt", "regions", "journeys", "cost", "where", "change", "failing trace":
		return true
	}
	return false
}

// maxShownChanges is how many changes a message lists.
const maxShownChanges = 3

func numbered(name string, n int) string {
	if n == 0 {
		return name
	}
	return name + " " + strconv.Itoa(n+1)
}

// customersFact says how many customers are hurt, and how sure that is.
func customersFact(i *slo.Impact) string {
	c := i.Customers
	if c == nil {
		return ""
	}
	rough := c.Error > 0 && !c.HurtExact
	fact := estimate(c.Hurt, rough) + " of " + estimate(c.Seen, c.Error > 0) + " seen"
	switch {
	case c.Error == 0 && atLeast(i):
	case c.Error == 0:
		fact += " (exact)"
	case c.HurtExact:
		fact += fmt.Sprintf(" (hurt exact, seen an estimate with a standard error of %s)", Percent(c.Error))
	default:
		fact += fmt.Sprintf(" (estimate with a standard error of %s)", Percent(c.Error))
	}
	if atLeast(i) {
		fact = "at least " + fact
	}
	if i.AtLeast {
		fact += "; not all was seen"
	}
	if c.Unnamed > 0 {
		fact += fmt.Sprintf("; %s of the failures have no %s", Percent(c.Unnamed), c.Attribute)
	}
	return fact
}

// partsFact lists where or doing what customers were hurt.
func partsFact(ps []slo.Part, atLeast bool) string {
	var all []string
	for n, p := range ps {
		if n == 4 {
			all = append(all, strconv.Itoa(len(ps)-n)+" more")
			break
		}
		all = append(all, fmt.Sprintf("%s %s of %s failed", inline(p.Name), Count(p.Failed), Count(p.Total)))
	}
	if len(all) > 0 && atLeast {
		all[0] = "at least " + all[0]
	}
	return strings.Join(all, ", ")
}

func explanationFact(x slo.Explanation, sampled bool) string {
	pairs := make([]string, len(x.Labels))
	for i, l := range x.Labels {
		pairs[i] = l.Name + "=" + inline(l.Value)
	}
	about := ""
	if sampled {
		about = "about "
	}
	fact := fmt.Sprintf("%s: %s%s of %s fail (%s), %s elsewhere", strings.Join(pairs, " "), about, estimate(x.Failed, sampled), estimate(x.Total, sampled), Percent(x.Ratio), Percent(x.Outside))
	if x.Baseline >= 0 {
		fact += ", " + Percent(x.Baseline) + " before"
	}
	return fact + "; " + Percent(x.Share) + " of all failures"
}

func changeFact(c slo.NearChange, o TextOptions) string {
	fact := changeTitle(c) + " " + strings.ToLower(changeTime(c)) + " it began, at " + local(c.Change.At, o).Format("15:04:05 MST")
	if c.Change.By != "" {
		fact += ", by " + inline(c.Change.By)
	}
	if c.Reason != "" {
		fact += " (" + inline(c.Reason) + ")"
	}
	return fact
}

func exampleFact(x slo.Example, o TextOptions) string {
	return sentences(inline(x.What)+",", Threshold(x.Duration.Round(time.Microsecond)), "at", local(x.At, o).Format("15:04:05 MST")+",", "trace", x.Trace)
}

// evidenceLinks lead to the failing traces and to the change.
func evidenceLinks(e *slo.Evidence, base string) []Link {
	if e == nil {
		return nil
	}
	var ls []Link
	for n, x := range e.Examples {
		if base != "" {
			ls = append(ls, Link{Text: capital(numbered("failing trace", n)), Href: base + "/traces/" + x.Trace})
		}
	}
	if len(e.Changes) > 0 && IsWeb(e.Changes[0].Change.Link) {
		ls = append(ls, Link{Text: "Change", Href: e.Changes[0].Change.Link})
	}
	return ls
}

// EvidenceNotes are the evidence as annotations, for those who read these: impact, where,
// change and trace; what is not known is left out.
func EvidenceNotes(m Message) map[string]string {
	notes := map[string]string{}
	if m.Evidence == nil {
		return notes
	}
	note := func(name, text string) {
		if text = strings.TrimSuffix(text, "."); text != "" {
			notes[name] = text
		}
	}
	if m.Evidence.Impact != nil {
		note("customers", customersFact(m.Evidence.Impact))
	}
	note("where", whereItFails(m.Evidence, m.Class == classLatency))
	note("change", changeNamed(m.Evidence))
	for _, l := range m.Links {
		if strings.HasPrefix(l.Text, "Failing trace") {
			note("trace", l.Href)
			break
		}
	}
	return notes
}
