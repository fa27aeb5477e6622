package alerting

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"burnline/slo"
)

// verbs are the words by which journeys are commonly named and that can be put
// into their -ing form. Nouns ("checkout", "login") are left as they are:
// nothing tells "search" from "payment" but a list.
const verbs = " add apply ask book borrow browse buy call cancel chat check choose compare connect create delete deliver" +
	" deploy donate download edit enter export fetch find get import invite join listen load log look make manage" +
	" open order pay pick play plan post print publish purchase query read receive redeem refund register renew rent" +
	" reserve return ride save schedule search see sell send share ship shop show sign sort start stop stream submit" +
	" subscribe swap switch sync track trade transfer travel try update upgrade upload use verify view visit vote" +
	" watch withdraw write "

// doubled are verbs of several syllables or endings that still double their
// last letter.
const doubled = " submit transfer "

// Title names what suffers: the journey as a doing ("buy" is "Buying"), the
// journey as given where it is no known verb, or else the service. Without a
// definition it is the SLO's ID.
//
// An incident without data says so, and of several SLOs it names their source. An
// outside alert has its own name.
func Title(d *slo.Definition, in slo.Incident) string {
	switch {
	case dark(in):
		return darkTitle(d, in)
	case outside(in):
		return shortened(oneLine(alertName(in)))
	}
	return titleOf(d, in)
}

// titleOf names what the SLO is about.
func titleOf(d *slo.Definition, in slo.Incident) string {
	switch {
	case d == nil:
		return in.SLO
	case strings.TrimSpace(d.Journey) != "":
		return capital(doing(inline(d.Journey)))
	case d.Service != "":
		return d.Service
	}
	return in.SLO
}

// doing puts the first word of a journey into its -ing form if it is a known verb.
func doing(journey string) string {
	first, rest, more := strings.Cut(journey, " ")
	word := strings.ToLower(first)
	if !strings.Contains(verbs, " "+word+" ") {
		return journey
	}
	if more {
		return gerund(word) + " " + rest
	}
	return gerund(word)
}

// gerund returns the -ing form of an English verb.
func gerund(w string) string {
	n := len(w)
	switch {
	case strings.HasSuffix(w, "ie"):
		return w[:n-2] + "ying"
	case strings.HasSuffix(w, "ee"), strings.HasSuffix(w, "oe"), strings.HasSuffix(w, "ye"):
		return w + "ing"
	case strings.HasSuffix(w, "e") && n > 2:
		return w[:n-1] + "ing"
	case strings.Contains(doubled, " "+w+" "), shortClosed(w):
		return w + w[n-1:] + "ing"
	}
	return w + "ing"
}

// shortClosed reports whether a word is one syllable that ends in a single
// vowel and a consonant, such as "shop"; such words double the last letter.
func shortClosed(w string) bool {
	n := len(w)
	if n < 3 || strings.ContainsRune("aeiouwxy", rune(w[n-1])) || !vowel(w[n-2]) || vowel(w[n-3]) {
		return false
	}
	for i := range n - 2 {
		if vowel(w[i]) {
			return false
		}
	}
	return true
}

// vowel reports whether the letter is a vowel.
func vowel(b byte) bool { return strings.IndexByte("aeiou", b) >= 0 }

// capital returns the text with its first letter in upper case. Names of
// services stay as they are written: "checkout-api" is not "Checkout-api".
func capital(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
