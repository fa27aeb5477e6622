package reviews_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"burnline/alerting/reviews"
	"burnline/slo"
)

func keeper(t *testing.T, s *shelf) *reviews.Keeper {
	t.Helper()
	k, err := reviews.New(s, s, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWhatIsEnteredWronglyIsSaidAllAtOnce(t *testing.T) {
	long := strings.Repeat("a", reviews.MaxName+1)
	for _, c := range []struct {
		name  string
		enter func(*reviews.Keeper) error
		want  string
	}{
		{"a note of nobody that says nothing", func(k *reviews.Keeper) error {
			_, err := k.Note(t.Context(), "k1", reviews.NoteInput{By: " ", Text: "\n"})
			return err
		}, "by: it is missing; write who notes it\ntext: it is missing; write what is to be kept"},
		{"a note without end", func(k *reviews.Keeper) error {
			_, err := k.Note(t.Context(), "k1", reviews.NoteInput{By: long, Text: strings.Repeat("a", reviews.MaxNote+1)})
			return err
		}, "by: 101 characters are more than 100; shorten it\ntext: 8001 bytes are more than 8000; shorten it"},
		{"signs that turn text around", func(k *reviews.Keeper) error {
			_, err := k.Note(t.Context(), "k1", reviews.NoteInput{By: "ada", Text: "x\u202ey"})
			return err
		}, "text: it holds what can't be printed; write plain text"},
		{"a verdict that is none", func(k *reviews.Keeper) error {
			_, err := k.Judge(t.Context(), "k1", reviews.VerdictInput{Value: "maybe"})
			return err
		}, "by: it is missing; write who judges\nvalue: \"maybe\" is no verdict; write useful or noise"},
		{"an action that nobody does", func(k *reviews.Keeper) error {
			_, err := k.Act(t.Context(), "k1", reviews.ActionInput{By: "ada", Text: "x"})
			return err
		}, "owner: it is missing; write who does it\ndue: it is missing; write the day by which it is done, such as 2026-12-02"},
		{"an action of yesterday", func(k *reviews.Keeper) error {
			_, err := k.Act(t.Context(), "k1", reviews.ActionInput{By: "ada", Text: "x", Owner: "ben", Due: "2026-11-17"})
			return err
		}, "due: 2026-11-17 is over; write a day to come"},
		{"an action of some day", func(k *reviews.Keeper) error {
			_, err := k.Act(t.Context(), "k1", reviews.ActionInput{By: "ada", Text: "x", Owner: "ben", Due: "Monday"})
			return err
		}, "due: \"Monday\" is no day; write a day such as 2026-12-02"},
		{"an end by nobody", func(k *reviews.Keeper) error {
			_, err := k.End(t.Context(), "k1", "a", reviews.DoneInput{Done: true})
			return err
		}, "by: it is missing; write who says so"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := &shelf{}
			err := c.enter(keeper(t, s))
			var found slo.Problems
			if !errors.As(err, &found) || err.Error() != c.want {
				t.Errorf("got\n%v\nwant\n%s", err, c.want)
			}
			if kept := s.kept(t); len(kept.Notes)+len(kept.Verdicts)+len(kept.Actions) != 0 {
				t.Errorf("kept is %+v", kept)
			}
		})
	}
}

func TestAnActionOfTodayIsInTimeUntilTheDayIsOver(t *testing.T) {
	a, err := keeper(t, &shelf{}).Act(t.Context(), "alias", reviews.ActionInput{By: "ada", Text: "x", Owner: "ben", Due: "2026-11-18"})
	if err != nil || a.Incident != "k1" {
		t.Fatalf("%+v, %v", a, err)
	}
	if a.Overdue(noon.Add(11*time.Hour)) || !a.Overdue(noon.Add(12*time.Hour)) {
		t.Error("it is overdue from midnight on, and not before")
	}
	a.Done = noon
	if a.Overdue(noon.Add(240 * time.Hour)) {
		t.Error("what is done is not overdue")
	}
}

func TestTheLastVerdictCountsAndOneThatChangesNothingIsNotKept(t *testing.T) {
	s := &shelf{}
	k := keeper(t, s)
	for _, v := range []reviews.VerdictInput{{By: "ada", Value: "noise"}, {By: "ada", Value: "noise"}, {By: "ben", Value: "useful", Why: "the bank was down"}} {
		if _, err := k.Judge(t.Context(), "k1", v); err != nil {
			t.Fatal(err)
		}
	}
	kept := s.kept(t)
	if v, is := kept.Verdict(); len(kept.Verdicts) != 2 || !is || v.Value != reviews.Useful || kept.Noise() {
		t.Errorf("kept are %+v", kept.Verdicts)
	}
}

func TestAKeeperNeedsItsParts(t *testing.T) {
	if _, err := reviews.New(nil, nil, nil); err == nil {
		t.Error("a keeper of nothing is none")
	}
}
