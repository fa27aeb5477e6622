package reviews

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"burnline/slo"
)

// MaxNote bounds the text of a note in bytes, and MaxName the name of a person in characters.
const (
	MaxNote = 8000
	MaxName = 100
)

// NoteInput is a note as people enter it.
type NoteInput struct {
	By   string `json:"by"`
	Text string `json:"text"`
}

// VerdictInput is a verdict as people enter it: useful or noise, and why where they like to say.
type VerdictInput struct {
	By    string `json:"by"`
	Value Value  `json:"value"`
	Why   string `json:"why,omitempty"`
}

// ActionInput is an action as people enter it. Due is a day such as 2026-12-01.
type ActionInput struct {
	By    string `json:"by"`
	Text  string `json:"text"`
	Owner string `json:"owner"`
	Due   string `json:"due"`
}

// DoneInput says that an action is done, or is open again.
type DoneInput struct {
	By   string `json:"by"`
	Done bool   `json:"done"`
}

// note returns the note of an incident at a moment; the error, slo.Problems, says all that is
// wrong. The same words of the same person within a minute are one note, so that who sends it again
// because no answer came writes nothing twice.
func (in NoteInput) note(key string, now time.Time) (Note, error) {
	n := Note{By: name(in.By), Text: strings.TrimSpace(in.Text), At: now.UTC()}
	var found slo.Problems
	person("by", "write who notes it", n.By, &found)
	found.LongText("text", "write what is to be kept", n.Text, MaxNote)
	if len(found) > 0 {
		return Note{}, found
	}
	n.ID = identity("note", key, n.By, n.Text, minute(n.At))
	return n, nil
}

// verdict returns the verdict at a moment, or slo.Problems.
func (in VerdictInput) verdict(now time.Time) (Verdict, error) {
	v := Verdict{Value: in.Value, By: name(in.By), Why: strings.TrimSpace(in.Why), At: now.UTC()}
	var found slo.Problems
	person("by", "write who judges", v.By, &found)
	if v.Value != Useful && v.Value != Noise {
		found.Add("value", "write useful or noise", "%.40q is no verdict", string(v.Value))
	}
	if v.Why != "" {
		found.Text("why", "", v.Why)
	}
	if len(found) > 0 {
		return Verdict{}, found
	}
	return v, nil
}

// action returns the action of an incident at a moment, or slo.Problems.
func (in ActionInput) action(key string, now time.Time) (Action, error) {
	a := Action{Incident: key, Text: strings.TrimSpace(in.Text), Owner: name(in.Owner), Due: strings.TrimSpace(in.Due), By: name(in.By), At: now.UTC()}
	var found slo.Problems
	person("by", "write who enters it", a.By, &found)
	found.Text("text", "write what is to be done", a.Text)
	person("owner", "write who does it", a.Owner, &found)
	switch due, err := time.Parse(time.DateOnly, a.Due); {
	case a.Due == "":
		found.Add("due", "write the day by which it is done, such as "+now.UTC().AddDate(0, 0, 14).Format(time.DateOnly), "it is missing")
	case err != nil:
		found.Add("due", "write a day such as "+now.UTC().AddDate(0, 0, 14).Format(time.DateOnly), "%.40q is no day", a.Due)
	case due.Before(now.UTC().Truncate(24 * time.Hour)):
		found.Add("due", "write a day to come", "%s is over", a.Due)
	}
	if len(found) > 0 {
		return Action{}, found
	}
	a.ID = identity("action", key, a.By, a.Text, a.Owner, a.Due, minute(a.At))
	return a, nil
}

// person checks the name of a person.
func person(field, instead, text string, found *slo.Problems) {
	if n := utf8.RuneCountInString(text); n > MaxName {
		found.Add(field, "shorten it", "%d characters are more than %d", n, MaxName)
		return
	}
	found.Text(field, instead, text)
}

// name puts a name on one line.
func name(text string) string { return strings.Join(strings.Fields(text), " ") }

func minute(at time.Time) string { return fmt.Sprint(at.Unix() / 60) }

// identity names what consists of some texts.
func identity(texts ...string) string {
	h := sha256.New()
	for _, t := range texts {
		_, _ = fmt.Fprintf(h, "%d:%s", len(t), t) // a hash takes everything
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// who is who says it, or slo.Problems.
func (in DoneInput) who() (string, error) {
	by := name(in.By)
	var found slo.Problems
	if person("by", "write who says so", by, &found); len(found) > 0 {
		return "", found
	}
	return by, nil
}
