package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"burnline/internal/tracesearch"
	"burnline/web/waterfall"
)

const (
	// deepest is how far rows are indented.
	deepest = 14
	// colours is how many colours tell services apart; then they come again.
	colours = 7
	// mostOpen bounds the ids in an address, and mostValue the characters of a value that are
	// shown.
	mostOpen, mostValue = 50, 4000
)

// traceModel is the model of the page of one trace.
type traceModel struct {
	*traceView
	ID       string
	Services []traceService
	Lines    []traceLine
	Ticks    []traceTick
	Hot      []waterfall.Hot
	Selected *spanDetails
	// open are the spans that are unfolded, and selected the one whose details stand below.
	open     []string
	selected string
}

// At is when the trace began.
func (m traceModel) At() time.Time { return time.Unix(0, m.Start) }

// Whole is how long all of it took.
func (m traceModel) Whole() time.Duration { return time.Duration(m.End - m.Start) }

// Folded reports whether some spans are not shown.
func (m traceModel) Folded() bool {
	return slices.ContainsFunc(m.Lines, func(l traceLine) bool { return l.Folded != nil })
}

// traceService is a service in the legend.
type traceService struct {
	tracesearch.ServiceSpans
	Colour int
	// Share is the part of the time that was spent in it, 0–1.
	Share float64
}

// traceTick is a mark of the axis, X in percent.
type traceTick struct{ Text string }

// traceLine is one line of the waterfall.
type traceLine struct {
	*waterfall.Node
	Row    waterfall.Row
	Folded *waterfall.Folded
	Colour int
	// X and Width place the bar in a box of 1000, Path the parts that the trace waited for.
	X, Width float64
	Path     []traceBar
	Href     string
	Current  bool
}

type traceBar struct{ X, Width float64 }

// Indent is the class of its depth.
func (l traceLine) Indent() int { return min(l.Row.Depth, deepest) }

// Title names the span.
func (l traceLine) Title() string {
	return clipped(firstOf(l.Name, "a span without a name"), mostNamed)
}

// Owner names the service.
func (l traceLine) Owner() string { return clipped(l.Service, mostNamed) }

// Hidden says what is folded away.
func (l traceLine) Hidden() string {
	f := l.Folded
	text := plural(f.Spans, "more span", "more spans")
	if f.Times > 1 {
		text += fmt.Sprintf(", %s × %s", grouped(float64(f.Times)), clipped(f.Name, mostNamed))
	}
	if f.Failed > 0 {
		text += fmt.Sprintf(", %d failed", f.Failed)
	}
	return text + ", " + span(f.Took) + " together"
}

func (s *server) tracePage(c *gin.Context) {
	v, ok := s.traceView(c)
	if !ok {
		return
	}
	m := traceModel{traceView: v, ID: v.Summary.ID.String(), Hot: v.Hottest()}
	m.Hot = m.Hot[:min(len(m.Hot), 8)]
	for _, id := range strings.Split(c.Query("open"), ",") {
		if id != "" && len(m.open) < mostOpen {
			m.open = append(m.open, id)
		}
	}
	m.services()
	at := m.selectSpan(c.Query("span"))
	m.lines(at)
	m.Selected = m.details(at)
	for i := range 5 {
		m.Ticks = append(m.Ticks, traceTick{span(m.Whole() * time.Duration(i) / 4)})
	}
	s.show(c, http.StatusOK, "trace", v.Subject, "traces", m)
}

// selectSpan chooses the span of the address, else where the failure began, else the first one,
// and returns its place.
func (m *traceModel) selectSpan(id string) int {
	at := slices.IndexFunc(m.Nodes, func(n waterfall.Node) bool { return n.ID == id })
	if at < 0 {
		if at = m.Failure(); at < 0 {
			at = m.Main
		}
	}
	m.selected = m.Nodes[at].ID
	return at
}

// services gives each service its colour, in the order in which they come in the trace.
func (m *traceModel) services() {
	self := map[string]time.Duration{}
	first := map[string]int64{}
	for i := range m.Nodes {
		n := &m.Nodes[i]
		self[n.Service] += n.Self
		if at, ok := first[n.Service]; !ok || n.Start < at {
			first[n.Service] = n.Start
		}
	}
	took := float64(max(m.Nodes[m.Main].Took(), 1))
	for _, of := range m.Summary.Services {
		m.Services = append(m.Services, traceService{ServiceSpans: of, Share: float64(self[of.Name]) / took})
	}
	slices.SortStableFunc(m.Services, func(a, b traceService) int { return int(min(max(first[a.Name]-first[b.Name], -1), 1)) })
	for i := range m.Services {
		m.Services[i].Colour = i % colours
	}
}

func (m *traceModel) lines(selected int) {
	colour := map[string]int{}
	for _, s := range m.Services {
		colour[s.Name] = s.Colour
	}
	for _, row := range m.Rows(m.open, selected) {
		if row.Folded != nil {
			l := traceLine{Row: row, Folded: row.Folded}
			if row.At >= 0 && !row.Folded.Beyond {
				l.Href = m.href(m.selected, append(slices.Clone(m.open), m.Nodes[row.At].ID))
			}
			m.Lines = append(m.Lines, l)
			continue
		}
		n := &m.Nodes[row.At]
		l := traceLine{Node: n, Row: row, Colour: colour[n.Service], Current: n.ID == m.selected, Href: m.href(n.ID, m.open) + "#span"}
		bar := m.bar(n.Start, n.End)
		l.X, l.Width = bar.X, bar.Width
		l.Path = m.waited(n)
		m.Lines = append(m.Lines, l)
	}
}

// waited are the parts of a span that the trace waited for; those that nobody could tell apart
// are one.
func (m *traceModel) waited(n *waterfall.Node) []traceBar {
	var all []traceBar
	for _, p := range n.Path {
		next := m.bar(p.From, p.To)
		if last := len(all) - 1; last >= 0 && next.X-all[last].X-all[last].Width < 1 {
			all[last].Width = max(all[last].Width, next.X+next.Width-all[last].X)
			continue
		}
		all = append(all, next)
	}
	return all
}

// bar places a stretch of time; the shortest is still to be seen.
func (m *traceModel) bar(from, to int64) traceBar {
	whole := float64(max(m.Whole(), 1))
	b := traceBar{X: 1000 * float64(from-m.Start) / whole, Width: max(1000*float64(to-from)/whole, 2)}
	b.X = min(b.X, 998)
	return b
}

func (m *traceModel) href(selected string, open []string) string {
	q := url.Values{"span": {selected}}
	open = slices.DeleteFunc(slices.Clone(open), func(id string) bool { return id == selected })
	slices.Sort(open)
	if open = slices.Compact(open); len(open) > 0 {
		q.Set("open", strings.Join(open, ","))
	}
	return address(traceHref(m.ID), q)
}

// spanDetails are everything that is known of one span.
type spanDetails struct {
	*waterfall.Node
	// Sent is when it started by its own clock.
	Sent                        time.Time
	Attributes, Resource, About []attribute
	Events                      []spanEvent
	Links                       []spanLink
	SLOs                        []string
	Dropped                     int
}

// Title names the span.
func (d spanDetails) Title() string {
	return clipped(firstOf(d.Name, "a span without a name"), mostNamed)
}

// attribute is a name with its value as text.
type attribute struct{ Name, Value string }

type spanEvent struct {
	Name       string
	After      time.Duration
	Attributes []attribute
}

type spanLink struct {
	Trace, Span string
	Attributes  []attribute
}

// Href is the page of the linked span's trace.
func (l spanLink) Href() string { return address(traceHref(l.Trace), url.Values{"span": {l.Span}}) }

func (m *traceModel) details(at int) *spanDetails {
	n, one := &m.Nodes[at], m.spans[at]
	d := &spanDetails{
		Node: n, Sent: time.Unix(0, n.Start).Add(-n.Moved), Attributes: attributesOf(one.Attributes()), Resource: attributesOf(m.resources[at].Attributes()),
		SLOs: tracesearch.SLOsOf(one, nil), Dropped: int(one.DroppedAttributesCount() + one.DroppedEventsCount() + one.DroppedLinksCount()),
	}
	d.About = []attribute{{"Span", n.ID}, {"Kind", n.Kind}}
	if n.Parent != "" {
		d.About = append(d.About, attribute{"Caller", n.Parent})
	}
	if n.Moved != 0 {
		d.About = append(d.About, attribute{"Moved", "by " + signed(n.Moved) + ", since the clocks differ"})
	}
	for _, e := range one.Events().All() {
		after := time.Duration(int64(e.Timestamp()) - (n.Start - int64(n.Moved)))
		d.Events = append(d.Events, spanEvent{clipped(e.Name(), mostNamed), max(after, 0), attributesOf(e.Attributes())})
	}
	for _, l := range one.Links().All() {
		d.Links = append(d.Links, spanLink{l.TraceID().String(), l.SpanID().String(), attributesOf(l.Attributes())})
	}
	return d
}

func signed(d time.Duration) string {
	if d < 0 {
		return "−" + span(-d)
	}
	return "+" + span(d)
}

// attributesOf are the attributes by name. Of a very long value the beginning is shown.
func attributesOf(m pcommon.Map) []attribute {
	var all []attribute
	for name, v := range m.All() {
		text := v.AsString()
		if r := []rune(text); len(r) > mostValue {
			text = string(r[:mostValue]) + fmt.Sprintf("… (%d more characters; the API has all)", len(r)-mostValue)
		}
		all = append(all, attribute{name, text})
	}
	slices.SortFunc(all, func(a, b attribute) int { return strings.Compare(a.Name, b.Name) })
	return all
}
