package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"burnline/slo"
	"burnline/slo/explain"
)

// regions is a table in which eu fails more by a factor.
func regions(factor float64) explain.Table {
	t := explain.Table{Attributes: []string{"region"}}
	for _, r := range []string{"eu", "us", "ap"} {
		row := explain.Row{Values: []string{r}, Bad: 20, Total: 1000}
		if r == "eu" {
			row.Bad *= factor
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func TestWhereSaysWhatCanBeToldAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		table   explain.Table
		failure error
		want    string
	}{
		{"a cause", regions(10), nil, `{region="eu"}`},
		{"everywhere", regions(1), nil, "everywhere"},
		{"nothing to compare by", explain.Table{}, nil, "nothing"},
		{"a store that is away", explain.Table{}, errors.New("away"), "error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			x := newExplainer(func(context.Context, string, []slo.Labels, time.Time, time.Time) (explain.Table, error) {
				return c.table, c.failure
			})
			where, err := x.Where(t.Context(), "a/b", nil, time.Time{}, time.Time{})
			got := "nothing"
			switch {
			case err != nil:
				got = "error"
			case where == nil:
			case where.Everywhere:
				got = "everywhere"
			default:
				got = where.Explanations[0].Labels.String()
			}
			if got != c.want {
				t.Errorf("got %s (%v, %v), want %s", got, where, err, c.want)
			}
		})
	}
}

func TestOneSLOAtATimeIsCompared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		x := newExplainer(func(context.Context, string, []slo.Labels, time.Time, time.Time) (explain.Table, error) {
			<-release
			return explain.Table{}, nil
		})
		done := make(chan error, 1)
		go func() {
			_, err := x.Where(t.Context(), "a/b", nil, time.Time{}, time.Time{})
			done <- err
		}()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := x.Where(ctx, "a/c", nil, time.Time{}, time.Time{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the second got %v, want that it waited in vain", err)
		}
		close(release)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}
