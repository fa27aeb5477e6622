package auth

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// UserStore keeps users.
type UserStore interface {
	// Users returns all, in order of name.
	Users(ctx context.Context) ([]User, error)
	// EditUsers changes users in one transaction: edit gets all, and returns those that are new or
	// changed, and the names of those to delete. Nothing is kept after an error.
	EditUsers(ctx context.Context, edit func([]User) (changed []User, gone []string, err error)) error
}

// SessionStore keeps sessions. It has to work while the main database is away.
type SessionStore interface {
	// SaveSession keeps a session anew or over the one of its hash, and may delete those that were
	// not seen since forget.
	SaveSession(ctx context.Context, s Session, forget time.Time) error
	Session(ctx context.Context, hash string) (Session, bool, error)
}

// TokenStore keeps tokens. None is deleted, so that the audit log can be read.
type TokenStore interface {
	Tokens(ctx context.Context) ([]Token, error)
	TokenOf(ctx context.Context, hash string) (Token, bool, error)
	// SaveToken keeps a token anew or over the one of its ID.
	SaveToken(ctx context.Context, t Token) error
}

// AuditStore keeps the audit log, which only grows.
type AuditStore interface {
	AppendAudit(ctx context.Context, e Entry) error
	// Audit returns entries, the newest first.
	Audit(ctx context.Context, f EntryFilter) ([]Entry, error)
}

// Store keeps all of it.
type Store interface {
	UserStore
	SessionStore
	TokenStore
	AuditStore
}

// Options are what a Keeper stands on.
type Options struct {
	// Store is required.
	Store Store
	// Limits are those of sessions. Default DefaultLimits.
	Limits Limits
	// KeepAdmin refuses to let the last local admin go: nobody else could let anybody in.
	KeepAdmin bool
	// Now is the clock. Required.
	Now func() time.Time
	// Logger takes what nobody can be told of. Default: discarded.
	Logger *slog.Logger
}

// Keeper lets people and programs in. It is safe for concurrent use.
type Keeper struct {
	o        Options
	attempts Attempts
	guesses  Guesses
	issued   issued
	// listing is held by who reads the list of issued tokens.
	listing chan struct{}
	// hashing bounds how many passwords are hashed at once: each takes 19 MiB.
	hashing chan struct{}
	// decoy is the hash that a password is compared with where there is no user.
	decoy string

	mu    sync.Mutex
	cache map[string]known
}

// known is who a secret was a moment ago.
type known struct {
	who   Who
	found bool
	until time.Time
}

const (
	// mostHashing is how many passwords are hashed at once.
	mostHashing = 2
	// remembered is how long it is known who a secret is, and so how long another node may take one
	// that was just revoked.
	remembered = 5 * time.Second
	// mostRemembered bounds how many.
	mostRemembered = 10_000
)

// NewKeeper returns a keeper. It fails when a required part is missing.
func NewKeeper(o Options) (*Keeper, error) {
	switch {
	case o.Store == nil:
		return nil, errors.New("auth: Options.Store is required")
	case o.Now == nil:
		return nil, errors.New("auth: Options.Now is required")
	}
	if o.Limits == (Limits{}) {
		o.Limits = DefaultLimits()
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Keeper{o: o, hashing: make(chan struct{}, mostHashing), listing: make(chan struct{}, 1), decoy: HashPassword(newSecret()), cache: map[string]known{}}, nil
}

// Limits are those of sessions.
func (k *Keeper) Limits() Limits { return k.o.Limits }

// Now is the moment by its clock.
func (k *Keeper) Now() time.Time { return k.o.Now() }

// forget drops what is remembered of secrets, because rights changed.
func (k *Keeper) forget() {
	k.mu.Lock()
	clear(k.cache)
	k.mu.Unlock()
	k.issued.mu.Lock()
	defer k.issued.mu.Unlock()
	k.issued.of, k.issued.read = nil, time.Time{} // it is read again when somebody asks
}

// recall finds who a secret was a moment ago, or asks and remembers.
func (k *Keeper) recall(secret string, ask func(hash string) (Who, bool, error)) (Who, bool, error) {
	hash, now := digest(secret), k.o.Now()
	k.mu.Lock()
	have, ok := k.cache[hash]
	k.mu.Unlock()
	if ok && now.Before(have.until) {
		return have.who, have.found, nil
	}
	who, found, err := ask(hash)
	if err != nil {
		return Who{}, false, err
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.cache) >= mostRemembered {
		clear(k.cache)
	}
	k.cache[hash] = known{who, found, now.Add(remembered)}
	return who, found, nil
}

// user finds a user.
func (k *Keeper) user(ctx context.Context, name string) (User, bool, error) {
	all, err := k.o.Store.Users(ctx)
	if err != nil {
		return User{}, false, fmt.Errorf("read users: %w", err)
	}
	for _, u := range all {
		if u.Name == name {
			return u, true, nil
		}
	}
	return User{}, false, nil
}

// Record appends to the audit log. It fills in the moment and the ID.
func (k *Keeper) Record(ctx context.Context, e Entry) error {
	e.ID, e.At = k.o.Now().UTC().Format("20060102150405.000000000")+"-"+newID(), k.o.Now().UTC()
	e.Who, e.Object, e.Detail, e.Route = cut(e.Who, mostObject), cut(e.Object, mostObject), cut(e.Detail, mostDetail), cut(e.Route, mostObject)
	if err := k.o.Store.AppendAudit(ctx, e); err != nil {
		return fmt.Errorf("write the audit log: %w", err)
	}
	return nil
}

// Entries reads the audit log, the newest first.
func (k *Keeper) Entries(ctx context.Context, f EntryFilter) ([]Entry, error) {
	if f.Limit <= 0 || f.Limit > MostEntries {
		f.Limit = MostEntries
	}
	return k.o.Store.Audit(ctx, f)
}
