package reviews

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"burnline/alerting"
	"burnline/slo"
)

// Postmortem is the draft of a postmortem in Markdown: all that the record holds, and headings for
// what only people know. Names, labels and what people wrote can't change its form.
func (c *Case) Postmortem() string {
	p := &page{}
	p.heading(1, "Postmortem: "+c.Title())
	p.line("%s", orElse(c.Record.Summary, c.Title()))
	p.line("")
	p.line("*A draft from the record, as of %s. All times are UTC.*", stamp(c.Now))
	c.facts(p)
	c.impact(p)
	c.cause(p)
	p.heading(2, "Timeline")
	day := ""
	for _, e := range c.Timeline() {
		if d := e.At.UTC().Format("Monday, 2 January 2006"); d != day {
			if day != "" {
				p.line("")
			}
			day = d
			p.line("**%s**", d)
			p.line("")
		}
		e.write(p)
	}
	if c.Open() {
		p.line("- now: still open")
	}
	c.told(p)
	c.actions(p)
	for _, h := range []struct{ head, hint string }{
		{"Why it happened", "The cause behind the change or the failure, and why nothing stopped it before customers were hurt."},
		{"What went well", "What found it, stopped it or made it smaller."},
		{"What went badly", "What was slow, missing or misleading: detection, runbook, tools, access."},
		{"Where we were lucky", "What would have made it worse."},
		{"What we change", "Actions with an owner and a day; enter them at the incident, and they are reviewed every week."},
	} {
		p.heading(2, h.head)
		p.line("*%s*", h.hint)
	}
	return p.String()
}

// write writes an event as an item of a list.
func (e Event) write(p *page) {
	if e.Kind == KindNote {
		p.line("- %s **%s**", e.At.UTC().Format("15:04:05"), e.Title)
		p.line("")
		p.quote(e.Text)
		p.line("")
		return
	}
	if e.Text == "" {
		p.line("- %s **%s**", e.At.UTC().Format("15:04:05"), e.Title)
		return
	}
	p.line("- %s **%s** – %s", e.At.UTC().Format("15:04:05"), e.Title, e.Text)
}

// facts are what happened when.
func (c *Case) facts(p *page) {
	in, t := c.Record.Incident, TimesOf(c.Record)
	p.heading(2, "Facts")
	p.line("- Incident: %s", link(in.Key, c.Address))
	p.line("- About: %s, %s", in.SLO, string(in.Severity))
	if in.Team != "" {
		p.line("- Team: %s", in.Team)
	}
	for _, g := range in.Groups {
		if len(g) > 0 {
			p.line("- Group: %s", g.String())
		}
	}
	p.line("- Began: %s", t.Began.UTC().Format(exactly))
	p.line("- Detected: %s, %s after it began", t.Detected.UTC().Format(exactly), alerting.Duration(t.Detected.Sub(t.Began)))
	p.line("- Told first: %s", t.told())
	p.line("- Acknowledged: %s", t.acknowledged())
	p.line("- Recovered: %s", t.recovered())
	switch {
	case c.Spent != nil:
		p.line("- Budget spent: about %s of that of %s; %s was left at its end", share(c.Spent.Share), orElse(c.Window, "its window"), share(c.Spent.Left))
	case c.Window != "":
		p.line("- Budget spent: not known, its counts are no longer there")
	}
	if v, is := c.Review.Verdict(); is {
		p.line("- Verdict: %s, by %s%s", string(v.Value), v.By, markdown(behind(": ", v.Why)))
	}
}

// exactly is the form of moments in a postmortem.
const exactly = "2006-01-02 15:04:05"

func (t Times) told() string {
	if t.Told.IsZero() {
		return "nobody was told"
	}
	return fmt.Sprintf("%s, by %s, %s after it was detected", t.Told.UTC().Format(exactly), t.Receiver, alerting.Duration(t.Told.Sub(t.Detected)))
}

func (t Times) acknowledged() string {
	if t.Acknowledged.IsZero() {
		return "by nobody"
	}
	said := fmt.Sprintf("%s by %s", t.Acknowledged.UTC().Format(exactly), orElse(t.By, "somebody"))
	if !t.Told.IsZero() && !t.Acknowledged.Before(t.Told) {
		said += ", " + alerting.Duration(t.Acknowledged.Sub(t.Told)) + " after it was told"
	}
	return said
}

func (t Times) recovered() string {
	if t.Recovered.IsZero() {
		return "not yet"
	}
	return fmt.Sprintf("%s, %s after it began", t.Recovered.UTC().Format(exactly), alerting.Duration(t.Recovered.Sub(t.Began)))
}

// impact is whom it hurt.
func (c *Case) impact(p *page) {
	p.heading(2, "Impact")
	var i *slo.Impact
	if c.Evidence != nil {
		i = c.Evidence.Impact
	}
	if i == nil && c.Spent == nil {
		p.line("Whom it hurt is not known.")
		return
	}
	switch {
	case i != nil:
		about := ""
		if i.EventsEstimated {
			about = "about "
		}
		p.line("- Failed: %s%s of %s events", about, alerting.Count(i.Failed), alerting.Count(i.Total))
		if i.Customers == nil {
			p.line("- Customers: not known, no span names one")
		}
	default:
		p.line("- Failed: about %s of %s events", alerting.Count(c.Spent.Bad), alerting.Count(c.Spent.Total))
		p.line("- Customers: not known, no spans of its service told of them")
	}
	if c.Evidence == nil {
		return
	}
	for _, d := range alerting.EvidenceFacts(c.Evidence) {
		if name := strings.TrimRight(d.Name, " 0123456789"); name != "change" && name != "where" && name != "failing trace" {
			p.line("- %s: %s", capital(d.Name), d.Value)
		}
	}
}

// cause is where it failed, and what was changed before.
func (c *Case) cause(p *page) {
	p.heading(2, "Where, and what changed")
	switch {
	case c.Evidence == nil || c.Evidence.Where == nil:
		p.line("- Where: not known")
	case len(c.Evidence.Where.Explanations) == 0:
		p.line("- Where: everywhere, nothing that was compared stands out")
	default:
		for _, x := range c.Evidence.Where.Explanations {
			p.line("- Where: %s, %s fail there and %s elsewhere; %s of all failures", x.Labels.String(), share(x.Ratio), share(x.Outside), share(x.Share))
		}
	}
	near := c.Nearest()
	if len(near) == 0 {
		p.line("- Change: none is known shortly before it began")
	}
	for _, n := range near {
		when := alerting.Duration(n.Before.Abs()) + " before it began"
		if n.Before < 0 {
			when = alerting.Duration(n.Before.Abs()) + " after it began"
		}
		p.line("- Change: %s%s, %s%s", link(string(n.Change.Kind)+" "+n.Change.Title, n.Change.Link), markdown(behind(" by ", n.Change.By)), when, markdown(behind(", ", n.Reason)))
	}
	if c.Evidence != nil {
		for _, x := range c.Evidence.Examples {
			p.line("- Failing trace: %s%s", x.Trace, markdown(behind(", ", x.What)))
		}
	}
}

// told is who was told what.
func (c *Case) told(p *page) {
	p.heading(2, "Who was told")
	if len(c.Record.Rows) == 0 {
		p.line("Nobody was told.")
		return
	}
	var rows [][]string
	for _, r := range c.Record.Rows {
		at := r.SettledAt
		if at.IsZero() {
			at = r.CreatedAt
		}
		rows = append(rows, []string{at.UTC().Format(exactly), Target(r), Act(r), string(r.State), r.Message.Summary, r.Answer})
	}
	p.table([]string{"When", "Receiver", "Message", "State", "Text", "Answer"}, rows)
}

// actions are what is to be done.
func (c *Case) actions(p *page) {
	p.heading(2, "Actions")
	if len(c.Review.Actions) == 0 {
		p.line("None yet.")
		return
	}
	actionTable(p, c.Review.Actions, c.Now)
}

func actionTable(p *page, all []Action, now time.Time) {
	var rows [][]string
	for _, a := range all {
		rows = append(rows, []string{a.Text, a.Owner, a.Due, a.Standing(now)})
	}
	p.table([]string{"What", "Owner", "Due", "State"}, rows)
}

// Standing is where the action stands, in words.
func (a *Action) Standing(now time.Time) string {
	switch {
	case !a.Open():
		return "done"
	case a.Overdue(now):
		return "overdue"
	}
	return "open"
}

// behind writes a text plainly behind something, where there is one.
func behind(before, text string) string {
	if text == "" {
		return ""
	}
	return before + plainly(text)
}

// share writes a fraction as percent with two significant digits.
func share(x float64) string {
	switch a := math.Abs(x * 100); {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return "an unknown part"
	case a == 0:
		return "0 %"
	case a < 0.01:
		return "less than 0.01 %"
	case a < 10:
		return strconv.FormatFloat(x*100, 'g', 2, 64) + " %"
	}
	return strconv.FormatFloat(x*100, 'f', 0, 64) + " %"
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
