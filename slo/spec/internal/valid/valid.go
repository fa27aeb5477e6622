// Package valid says what an SLO's names, texts, labels and objective may be, whatever the form
// of the file that they are read from. Each check returns what is wrong and what to write
// instead; nil is fine.
package valid

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"burnline/internal/yamlconf"
)

// longest is how many characters a name or a text may have.
const longest = 100

var (
	validName  = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`)
	validLabel = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)
)

// Name checks a part of an SLO's ID, which stands in addresses and labels.
func Name(name, example string) *yamlconf.Wrong {
	switch {
	case name == "":
		return &yamlconf.Wrong{Message: "it is missing", Instead: "write a name such as " + example}
	case !validName.MatchString(name):
		return &yamlconf.Wrong{
			Message: fmt.Sprintf("%q is no name", name),
			Instead: "use letters, digits, - _ and . only, with a letter or digit at both ends",
		}
	case len(name) > longest:
		return &yamlconf.Wrong{Message: "the name is longer than 100 characters", Instead: "shorten it"}
	}
	return nil
}

// Words checks a text that stands within sentences and in columns of databases.
func Words(text, example string) *yamlconf.Wrong {
	switch {
	case strings.ContainsFunc(strings.TrimSpace(text), unicode.IsControl):
		return &yamlconf.Wrong{Message: "it holds line breaks or control characters", Instead: "write words on one line, such as " + example}
	case utf8.RuneCountInString(text) > longest:
		return &yamlconf.Wrong{Message: "it is longer than 100 characters", Instead: "shorten it, or write it as description"}
	}
	return nil
}

// Objective checks a promise in percent; written says that the file has one.
func Objective(o float64, written bool) *yamlconf.Wrong {
	switch {
	case !written:
		return &yamlconf.Wrong{Message: "it is missing", Instead: "write the promised share of good events in percent, such as 99.9"}
	case o > 0 && o < 1:
		return &yamlconf.Wrong{
			Message: fmt.Sprintf("%g would be %g%%; the objective is a percentage", o, o),
			Instead: "write " + strconv.FormatFloat(math.Round(o*1e8)/1e6, 'f', -1, 64),
		}
	case o >= 100:
		return &yamlconf.Wrong{Message: fmt.Sprintf("an objective of %g%% leaves no error budget", o), Instead: "write less than 100, such as 99.9"}
	case !(o >= 1):
		return &yamlconf.Wrong{Message: fmt.Sprintf("%g%% is no objective", o), Instead: "write a percentage above 1 and below 100, such as 99.9"}
	}
	return nil
}

// GroupBy checks a label that splits the budget. buckets says that le tells the buckets of a
// histogram apart.
func GroupBy(label string, buckets bool) *yamlconf.Wrong {
	switch {
	case slices.Contains([]string{"slo", "service", "team", "window", "outcome", "status"}, label):
		return &yamlconf.Wrong{
			Message: label + " is a label of Burnline's own series",
			Instead: "group by another label, or copy it to one with another name where the metric is made",
		}
	case label == "le" && buckets, strings.HasPrefix(label, "__"):
		return &yamlconf.Wrong{Message: label + " is part of how the metric is stored", Instead: "group by another label"}
	case !validLabel.MatchString(label):
		return &yamlconf.Wrong{Message: fmt.Sprintf("%q is no label name", label), Instead: "use letters, digits and _ only"}
	}
	return nil
}

// Label reports whether owners may give a label of this name.
func Label(name string) bool {
	return validLabel.MatchString(name) && !strings.HasPrefix(name, "__")
}

// FilledIn reports whether a label of slo_info is made from the SLO itself, so that owners can't give it.
func FilledIn(label string) bool {
	return slices.Contains([]string{"slo", "name", "service", "team", "journey", "objective", "window"}, label)
}
