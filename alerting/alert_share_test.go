package alerting

import (
	"fmt"
	"slices"
	"testing"
)

// batch is news of alerts by these prints.
func batch(prints ...string) *telling {
	t := &telling{news: map[string]*incoming{}}
	for _, print := range prints {
		t.news[print] = &incoming{print: print}
	}
	return t
}

func TestBatchesThatWaitBecomeOneUnlessTheyTellOfTheSameAlert(t *testing.T) {
	large := batch()
	for i := range mostShared {
		print := fmt.Sprint(i)
		large.news[print] = &incoming{print: print}
	}
	failed := batch("d")
	failed.alone = true
	first, other, same := batch("a", "b"), batch("c"), batch("b", "e")
	var s sharing
	for _, one := range []*telling{other, same, first, large, failed} {
		s.add(one)
	}
	shared, news := s.take(first)
	if !slices.Equal(shared, []*telling{first, other}) || len(news) != 3 {
		t.Errorf("%d batches share, with %d alerts; want the first and the other", len(shared), len(news))
	}
	if !slices.Equal(s.waiting, []*telling{same, large, failed}) {
		t.Errorf("%d batches wait, want the one with the same alert, the large one and the one that failed", len(s.waiting))
	}
	if shared, _ = s.take(failed); len(shared) != 1 {
		t.Errorf("a batch that failed shares with %d", len(shared)-1)
	}
	if len(first.news) != 2 {
		t.Error("taking a batch changed it")
	}
}
