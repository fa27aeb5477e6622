package statuspage

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"burnline/alerting/statuspage"
)

// badge is a journey's state as a small picture for other sites.
type badge struct {
	Name, Words, Colour string
	// Left and Right are the widths of its halves, Width of both.
	Left, Right, Width int
}

// newBadge measures a badge. Its colour is dark enough for white letters; its words say the same.
func newBadge(j statuspage.Journey) badge {
	colours := map[statuspage.State]string{
		statuspage.Works: "#0a7458", statuspage.InMaintenance: "#1f4fbf", statuspage.Watched: "#0f6672", statuspage.Unknown: "#565c67",
		statuspage.Slow: "#775400", statuspage.Failing: "#b83206", statuspage.Down: "#84246f",
	}
	name := strings.Map(printed, strings.ToValidUTF8(j.Name, "\uFFFD"))
	b := badge{Name: name, Words: j.Words, Colour: colours[j.State], Left: width(name), Right: width(j.Words)}
	b.Width = b.Left + b.Right
	return b
}

// printed keeps what XML can't hold out of a name.
func printed(r rune) rune {
	if unicode.IsControl(r) {
		return ' '
	}
	return r
}

// width is that of a text of 11 px in most fonts, with room at its sides; textLength makes it fit in all.
func width(text string) int { return 7*utf8.RuneCountInString(text) + 14 }

// Inner is the width of a half's text.
func (badge) Inner(width int) int { return width - 14 }

// Middle is where the text of the right half begins.
func (b badge) Middle() int { return b.Left + 7 }
