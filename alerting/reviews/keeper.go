package reviews

import (
	"context"
	"errors"
	"fmt"
	"time"

	"burnline/alerting"
)

// ErrNoIncident says that no incident has the key, ErrNoAction that the incident has no action of
// the ID.
var (
	ErrNoIncident = errors.New("there is no incident of this key")
	ErrNoAction   = errors.New("the incident has no action of this ID")
)

// Store keeps what people wrote, as long as their incidents. storage/state implements it.
type Store interface {
	// AddReview adds what the review holds to what is kept of its incident. What is there under
	// the same ID stays as it is.
	AddReview(ctx context.Context, more Review) error
	// EndAction says that an action is done at a moment, by somebody; the zero time opens it
	// again. It returns the action, and fails with ErrNoAction where there is none.
	EndAction(ctx context.Context, incident, id string, done time.Time, by string) (Action, error)
	// Reviews returns what is kept of incidents; nothing of one of which nothing is. Parts are in
	// the order in which they were added.
	Reviews(ctx context.Context, incidents []string) ([]Review, error)
	// OpenActions returns at most limit actions that are open, those due first before others.
	OpenActions(ctx context.Context, limit int) ([]Action, error)
}

// Incidents finds an incident by its key; false where there is none. alerting.Ledger has it.
type Incidents interface {
	Incident(ctx context.Context, key string) (alerting.Record, bool, error)
}

// Keeper takes what people write of incidents. It is safe for concurrent use. What fails with
// slo.Problems, ErrNoIncident or ErrNoAction is the caller's to mend; other errors are the store's.
type Keeper struct {
	store     Store
	incidents Incidents
	now       func() time.Time
}

// New returns a keeper. All are required.
func New(store Store, incidents Incidents, now func() time.Time) (*Keeper, error) {
	if store == nil || incidents == nil || now == nil {
		return nil, errors.New("reviews: a keeper needs a store, incidents and a clock")
	}
	return &Keeper{store, incidents, now}, nil
}

// Note adds a note to an incident.
func (k *Keeper) Note(ctx context.Context, key string, in NoteInput) (Note, error) {
	key, err := k.canonical(ctx, key)
	if err != nil {
		return Note{}, err
	}
	n, err := in.note(key, k.now())
	if err != nil {
		return Note{}, err
	}
	return n, k.store.AddReview(ctx, Review{Incident: key, Notes: []Note{n}})
}

// Judge says whether an incident was useful or noise. The last verdict counts, and those before are
// kept; the one that counts already is not kept twice.
func (k *Keeper) Judge(ctx context.Context, key string, in VerdictInput) (Verdict, error) {
	key, err := k.canonical(ctx, key)
	if err != nil {
		return Verdict{}, err
	}
	v, err := in.verdict(k.now())
	if err != nil {
		return Verdict{}, err
	}
	have, err := k.Of(ctx, key)
	if err != nil {
		return Verdict{}, err
	}
	review := have[key]
	if last, is := review.Verdict(); is && last.Value == v.Value && last.By == v.By && last.Why == v.Why {
		return last, nil
	}
	return v, k.store.AddReview(ctx, Review{Incident: key, Verdicts: []Verdict{v}})
}

// Act adds an action to an incident.
func (k *Keeper) Act(ctx context.Context, key string, in ActionInput) (Action, error) {
	key, err := k.canonical(ctx, key)
	if err != nil {
		return Action{}, err
	}
	a, err := in.action(key, k.now())
	if err != nil {
		return Action{}, err
	}
	return a, k.store.AddReview(ctx, Review{Incident: key, Actions: []Action{a}})
}

// End says that an action of an incident is done, or that it is open again.
func (k *Keeper) End(ctx context.Context, key, id string, in DoneInput) (Action, error) {
	by, err := in.who()
	if err != nil {
		return Action{}, err
	}
	if key, err = k.canonical(ctx, key); err != nil {
		return Action{}, err
	}
	if !in.Done {
		return k.store.EndAction(ctx, key, id, time.Time{}, "")
	}
	return k.store.EndAction(ctx, key, id, k.now().UTC(), by)
}

// Of returns what is kept of incidents, by the keys under which those are kept.
func (k *Keeper) Of(ctx context.Context, keys ...string) (map[string]Review, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	all, err := k.store.Reviews(ctx, keys)
	if err != nil {
		return nil, err
	}
	of := make(map[string]Review, len(all))
	for _, r := range all {
		r.Sort()
		of[r.Incident] = r
	}
	return of, nil
}

// OpenActions returns at most limit actions that are open, those due first before others.
func (k *Keeper) OpenActions(ctx context.Context, limit int) ([]Action, error) {
	return k.store.OpenActions(ctx, limit)
}

// canonical is the key under which an incident is kept.
func (k *Keeper) canonical(ctx context.Context, key string) (string, error) {
	r, found, err := k.incidents.Incident(ctx, key)
	if err != nil {
		return "", err
	}
	if !found {
		return "", fmt.Errorf("look for incident %.80q: %w", key, ErrNoIncident)
	}
	return r.Incident.Key, nil
}
