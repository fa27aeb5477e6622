package statuspage

import (
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/alerting/statuspage"
)

// atom is a feed as RFC 4287 has it.
type atom struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string      `xml:"id"`
	Title   string      `xml:"title"`
	Updated string      `xml:"updated"`
	Author  string      `xml:"author>name"`
	Links   []atomLink  `xml:"link"`
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
}

type atomEntry struct {
	ID        string   `xml:"id"`
	Title     string   `xml:"title"`
	Published string   `xml:"published"`
	Updated   string   `xml:"updated"`
	Link      atomLink `xml:"link"`
	Content   atomText `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// mostFed bounds the entries of the feed.
const mostFed = 50

// feed writes what there is to read, what changed last first. url is where the page stands.
func feed(p *statuspage.Page, url string) ([]byte, error) {
	all := slices.Concat(p.Open, p.Notices, p.Maintenance, p.Past)
	slices.SortStableFunc(all, func(a, b statuspage.Entry) int { return b.Updated.Compare(a.Updated) })
	all = all[:min(len(all), mostFed)]
	a := atom{
		ID: url, Title: p.Title, Author: p.Title, Updated: stamp(p.At),
		Links: []atomLink{{"alternate", url}, {"self", strings.TrimSuffix(url, "/status") + feedPath}},
	}
	if len(all) > 0 {
		a.Updated = stamp(all[0].Updated)
	}
	for i := range all {
		e := &all[i]
		a.Entries = append(a.Entries, atomEntry{
			ID: url + "#" + e.ID, Title: e.Title, Published: stamp(e.From), Updated: stamp(e.Updated),
			Link: atomLink{"alternate", url + "#" + e.ID}, Content: atomText{"text", content(e)},
		})
	}
	data, err := xml.MarshalIndent(a, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write the feed: %w", err)
	}
	return append([]byte(xml.Header), append(data, '\n')...), nil
}

// content is an entry as plain text.
func content(e *statuspage.Entry) string {
	lines := []string{when(e) + "."}
	if len(e.Journeys) > 0 {
		lines[0] = strings.Join(e.Journeys, ", ") + ". " + lines[0]
	}
	for _, post := range e.Posts {
		text := moment(post.At) + ": "
		if post.Title != "" {
			text += post.Title + ". "
		}
		lines = append(lines, text+post.Text)
	}
	return strings.Join(lines, "\n\n")
}

// stamp writes a time as RFC 3339 has it.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
