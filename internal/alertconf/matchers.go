package alertconf

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sort"
	"unicode/utf8"

	"github.com/prometheus/alertmanager/matcher/compat"
	"github.com/prometheus/alertmanager/matcher/parse"
	"github.com/prometheus/alertmanager/pkg/labels"
	"github.com/prometheus/common/model"
)

// matching are the three forms in which matchers are written: matchers, match, match_re,
// with the keys that hold them.
type matching struct {
	prefix   string // of the keys: "", source_ or target_
	equal    map[string]string
	regexp   map[string]*string
	matchers []string
}

// empty reports whether no matcher is written, be it right or wrong.
func (m matching) empty() bool { return len(m.equal)+len(m.regexp)+len(m.matchers) == 0 }

// read returns all matchers, sorted as Alertmanager has them, and tells c what is wrong.
func (m matching) read(c *check, path string) labels.Matchers {
	var all labels.Matchers
	for _, name := range slices.Sorted(maps.Keys(m.equal)) {
		all = append(all, oldMatcher(c, path+"."+m.prefix+"match."+name, labels.MatchEqual, name, m.equal[name])...)
	}
	for _, name := range slices.Sorted(maps.Keys(m.regexp)) {
		at := path + "." + m.prefix + "match_re." + name
		if m.regexp[name] == nil {
			c.wrong(at, "the regular expression is missing", `write one such as "a|b"`)
			continue
		}
		all = append(all, oldMatcher(c, at, labels.MatchRegexp, name, *m.regexp[name])...)
	}
	for i, text := range m.matchers {
		all = append(all, newMatchers(c, fmt.Sprintf("%s.%smatchers[%d]", path, m.prefix, i), text)...)
	}
	sort.Sort(all)
	return all
}

// oldMatcher reads one entry of match or match_re.
func oldMatcher(c *check, path string, t labels.MatchType, name, value string) labels.Matchers {
	if !model.LegacyValidation.IsValidLabelName(name) {
		c.wrong(path, fmt.Sprintf("%q is no name of a label", name), "write letters, digits and _, or use matchers")
		return nil
	}
	matcher, err := labels.NewMatcher(t, name, value)
	if err != nil {
		c.wrong(path, "it is no regular expression: "+err.Error(), "write one of RE2's, which matches the whole value")
		return nil
	}
	return labels.Matchers{matcher}
}

// newMatchers reads one entry of matchers as Alertmanager does: by its newer syntax, and by
// the older one where that fails or gives something else.
func newMatchers(c *check, path, text string) labels.Matchers {
	ms, err := compat.FallbackMatchersParser(slog.New(slog.DiscardHandler))(text, "")
	if err != nil {
		c.wrong(path, err.Error(), `write it as label="value", label!="value", label=~"a|b" or label!~"a|b"`)
		return nil
	}
	switch newer, err := parse.Matchers(text); {
	case err != nil:
		c.warn(path, "only Alertmanager's older syntax can read it", "write "+list(ms))
	case list(newer) != list(ms):
		c.warn(path, "Alertmanager's two syntaxes read it differently; it is read in the older one", "write "+list(ms))
	}
	return ms
}

// list writes matchers as a file has them.
func list(ms labels.Matchers) string {
	text := ""
	for i, m := range ms {
		if i > 0 {
			text += ", "
		}
		text += m.String()
	}
	return text
}

// validLabel reports whether a label may have the name in Alertmanager's newer syntax.
func validLabel(name string) bool { return name != "" && utf8.ValidString(name) }
