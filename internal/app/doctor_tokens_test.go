package app

import (
	"slices"
	"testing"
	"time"

	"burnline/internal/auth"
)

func TestTokensInUseAreToldOfBeforeTheyEnd(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 3, 14, 0, 0, 0, time.UTC)
	day := 24 * time.Hour
	token := func(name string, ends, used time.Duration) auth.Token {
		return auth.Token{Name: name, Expires: at.Add(ends), Used: at.Add(-used)}
	}
	revoked, unused := token("revoked", day, day), token("unused", day, day)
	revoked.Revoked, unused.Used = at.Add(-time.Hour), time.Time{}
	var got []string
	for _, one := range ending([]auth.Token{
		token("soon", 13*day, time.Hour), token("sooner", day, 6*day), token("late", 15*day, time.Hour),
		token("forgotten", day, 8*day), token("ended", -time.Hour, time.Hour), revoked, unused,
	}, at) {
		got = append(got, one.Name)
	}
	if want := []string{"sooner", "soon"}; !slices.Equal(got, want) {
		t.Errorf("told of are %q, want %q", got, want)
	}
}
