package ingest

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"burnline/internal/auth"
)

// Keeper knows tokens. It remembers them for some seconds, so that not every request asks a store.
type Keeper interface {
	// ByTokenFrom returns who has a token; false where it is none any more. A wrong one fails with
	// *auth.TooSoon where the address brought too many.
	ByTokenFrom(ctx context.Context, secret, address string) (auth.Who, bool, error)
}

var _ Keeper = (*auth.Keeper)(nil)

// Options are what a Gate stands on.
type Options struct {
	// Keeper is required.
	Keeper Keeper
	// Files hold tokens beside those of the keeper, by the name that senders with it have.
	Files map[string]string
	// Now is the clock. Required.
	Now func() time.Time
	// Logger takes what nobody can be told of. Default: discarded.
	Logger *slog.Logger
	// Registerer takes the counters. Default: none.
	Registerer prometheus.Registerer
}

// Gate lets senders in. It is safe for concurrent use.
type Gate struct {
	o      Options
	files  *files
	counts *counts

	mu sync.Mutex
	// good are tokens that were right, by their hash.
	good map[[sha256.Size]byte]seen
}

// seen is whose a token was, and when that was last found out.
type seen struct {
	who auth.Who
	at  time.Time
}

const (
	// trusted is how long a token that was right is taken while nobody can say whether it still is:
	// telemetry is not lost because a database fails over.
	trusted = 5 * time.Minute
	// notedEvery is to what it is noted that a token was right.
	notedEvery = time.Second
	// mostGood bounds how many tokens are remembered.
	mostGood = 10_000
)

// New returns a gate. It fails when a required part is missing or a file can't be read.
func New(o Options) (*Gate, error) {
	switch {
	case o.Keeper == nil:
		return nil, errors.New("ingest: Options.Keeper is required")
	case o.Now == nil:
		return nil, errors.New("ingest: Options.Now is required")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	files, err := openFiles(o.Files, o.Now, o.Logger)
	if err != nil {
		return nil, err
	}
	countFiles(o.Registerer, files)
	return &Gate{o: o, files: files, counts: newCounts(o.Registerer), good: map[[sha256.Size]byte]seen{}}, nil
}

// TokenFiles are the files of tokens, by name, with what keeps them from being read.
func (g *Gate) TokenFiles() []TokenFile { return g.files.list() }

// Admit finds out who sends something, and counts it by the way that it comes, such as otlp_grpc. What
// is not taken fails with *auth.NotTaken; of a token that is for something else it is known whose it is.
func (g *Gate) Admit(ctx context.Context, way string, c auth.Credentials) (auth.Who, error) {
	who, err := g.find(ctx, c)
	if err == nil && !who.Feeds {
		err = &auth.NotTaken{Why: auth.NotForFeeding}
	}
	g.counts.count(way, who, err)
	return who, err
}

// find finds out who shows credentials. A token counts before a certificate, so that a wrong one is noticed.
func (g *Gate) find(ctx context.Context, c auth.Credentials) (auth.Who, error) {
	secret, has := auth.TokenIn(c.Authorization)
	switch {
	case has:
		return g.byToken(ctx, secret, c.From)
	case c.Certificate == nil:
		return auth.Who{}, &auth.NotTaken{Why: auth.NoCredentials}
	case g.o.Now().After(c.Certificate.NotAfter): // on a connection that lasted longer
		return auth.Who{}, &auth.NotTaken{Why: auth.NotKnown}
	}
	return auth.OfCertificate(c.Certificate), nil
}

// byToken finds out whose a token is.
func (g *Gate) byToken(ctx context.Context, secret, from string) (auth.Who, error) {
	sum, now := sha256.Sum256([]byte(secret)), g.o.Now()
	if who, ok := g.files.who(sum); ok {
		return who, nil
	}
	who, found, err := g.o.Keeper.ByTokenFrom(ctx, secret, from)
	before, known := g.recall(sum)
	var soon *auth.TooSoon
	switch {
	case errors.As(err, &soon):
		return auth.Who{}, &auth.NotTaken{Why: auth.TooManyWrong, Wait: soon.Wait, Err: err}
	case err != nil && known && now.Sub(before.at) < trusted:
		return before.who, nil
	case err != nil:
		return auth.Who{}, &auth.NotTaken{Why: auth.NotToBeFoundOut, Wait: time.Second, Err: err}
	case !found:
		g.forget(sum)
		return auth.Who{}, &auth.NotTaken{Why: auth.NotKnown}
	}
	if now.Sub(before.at) >= notedEvery {
		g.remember(sum, seen{who, now})
	}
	return who, nil
}

func (g *Gate) recall(sum [sha256.Size]byte) (seen, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s, ok := g.good[sum]
	return s, ok
}

func (g *Gate) remember(sum [sha256.Size]byte, s seen) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.good) >= mostGood {
		clear(g.good)
	}
	g.good[sum] = s
}

func (g *Gate) forget(sum [sha256.Size]byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.good, sum)
}
