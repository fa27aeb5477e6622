package web

import (
	"context"
	"net/url"
	"testing"
	"time"

	"burnline/internal/auth"
)

// keeperOf lets people in by a store, by the clock.
func keeperOf(t testing.TB, store auth.Store) *auth.Keeper {
	t.Helper()
	k, err := auth.NewKeeper(auth.Options{Store: store, Now: time.Now, KeepAdmin: true})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// vouches is a provider that vouches for one person.
type vouches struct{ auth.Identity }

func (v vouches) Name() string { return "Example" }

func (v vouches) Begin(context.Context) (string, string, error) {
	return "https://login.example.com/authorize?state=s", "kept", nil
}

func (v vouches) Finish(_ context.Context, kept string, q url.Values) (auth.Identity, error) {
	if kept != "kept" || q.Get("state") != "s" {
		return auth.Identity{}, &auth.NotLetIn{Why: "wrong state"}
	}
	return v.Identity, nil
}
