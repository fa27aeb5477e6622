package auth

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrWrong means that a name and password are not those of a user.
var ErrWrong = errors.New("no user has this name and password")

// TooSoon means that somebody failed too often and has to wait.
type TooSoon struct{ Wait time.Duration }

// Error implements error.
func (e *TooSoon) Error() string {
	return fmt.Sprintf("too many attempts failed; try again in %s", max(time.Second, e.Wait.Round(time.Second)))
}

// SignIn begins a session of a local user, and returns the secret that the browser keeps. It fails
// with ErrWrong or *TooSoon.
func (k *Keeper) SignIn(ctx context.Context, name, password, from string) (secret string, who Who, _ error) {
	u, err := k.check(ctx, name, password, from)
	if err != nil {
		return "", Who{}, err
	}
	return k.begin(ctx, u, from)
}

// check finds the local user of a name and password.
func (k *Keeper) check(ctx context.Context, name, password, from string) (User, error) {
	if wait := k.attempts.Try(cut(name, mostLength), from, k.o.Now()); wait > 0 {
		return User{}, &TooSoon{wait}
	}
	if len(name) > mostLength || len(password) > mostLength {
		return User{}, ErrWrong
	}
	u, found, err := k.user(ctx, name)
	if err != nil {
		return User{}, err
	}
	hash := u.Hash
	if !found || hash == "" || !u.Local() {
		hash, found = k.decoy, false // it takes as long as any other
	}
	select {
	case k.hashing <- struct{}{}:
	case <-ctx.Done():
		return User{}, ctx.Err()
	}
	right := Verify(hash, password)
	<-k.hashing
	if !right || !found {
		return User{}, ErrWrong
	}
	k.attempts.Succeeded(name, from, k.o.Now())
	return u, nil
}

// Identity is somebody whom an OIDC provider vouches for.
type Identity struct {
	// Subject is the provider with its own ID of them.
	Subject       string
	Name, Display string
	Role          Role
	Teams         []string
}

// ErrTaken means that a name is that of somebody else.
var ErrTaken = errors.New("somebody else has this name")

// SignInAs begins a session of somebody whom an OIDC provider vouches for, and takes over what they
// may. Where nothing of that changed it works while the main database is away.
func (k *Keeper) SignInAs(ctx context.Context, id Identity, from string) (secret string, who Who, _ error) {
	u, err := k.adopt(ctx, id)
	if err != nil {
		return "", Who{}, err
	}
	return k.begin(ctx, u, from)
}

// adopt keeps who somebody is.
func (k *Keeper) adopt(ctx context.Context, id Identity) (User, error) {
	now := k.o.Now().UTC()
	in := UserInput{Name: id.Name, Display: &id.Display, Role: &id.Role, Teams: &id.Teams}
	take := func(all []User) (next User, changed bool, gone []string, _ error) {
		old := User{Subject: id.Subject, Created: now}
		for _, u := range all {
			switch {
			case u.Name == id.Name && u.Subject != id.Subject:
				return next, false, nil, fmt.Errorf("%w: %s", ErrTaken, id.Name)
			case u.Name == id.Name:
				old = u
			case u.Subject == id.Subject: // they are called otherwise now
				gone = append(gone, u.Name)
			}
		}
		next, err := in.apply(old, now)
		same := old.Name == next.Name && old.Display == next.Display && old.sameRights(next) && len(gone) == 0
		return next, !same, gone, err
	}
	all, err := k.o.Store.Users(ctx)
	if err != nil {
		return User{}, fmt.Errorf("read users: %w", err)
	}
	u, changed, _, err := take(all)
	if err != nil || !changed {
		return u, err
	}
	defer k.forget()
	err = k.o.Store.EditUsers(ctx, func(all []User) ([]User, []string, error) {
		next, _, gone, err := take(all)
		u = next
		return []User{next}, gone, err
	})
	return u, err
}

// begin begins a session.
func (k *Keeper) begin(ctx context.Context, u User, from string) (string, Who, error) {
	now := k.o.Now().UTC()
	secret := newSecret()
	s := Session{Hash: digest(secret), User: u.Name, Epoch: u.Epoch, From: from, Created: now, Seen: now}
	if err := k.o.Store.SaveSession(ctx, s, now.Add(-k.o.Limits.Absolute)); err != nil {
		return "", Who{}, fmt.Errorf("keep the session: %w", err)
	}
	w := u.who()
	w.Way, w.Session = BySession, s.Hash
	return secret, w, nil
}

// SignOut ends a session.
func (k *Keeper) SignOut(ctx context.Context, who Who) error {
	s, found, err := k.o.Store.Session(ctx, who.Session)
	if err != nil || !found {
		return err
	}
	defer k.forget()
	s.Ended = k.o.Now().UTC()
	return k.o.Store.SaveSession(ctx, s, time.Time{})
}

// BySession returns who has a session's secret; false where it is none any more.
func (k *Keeper) BySession(ctx context.Context, secret string) (Who, bool, error) {
	return k.recall(secret, func(hash string) (Who, bool, error) {
		now := k.o.Now().UTC()
		s, found, err := k.o.Store.Session(ctx, hash)
		if err != nil || !found {
			return Who{}, false, err
		}
		u, found, err := k.user(ctx, s.User)
		if err != nil || !found || !s.Holds(u, k.o.Limits, now) {
			return Who{}, false, err
		}
		if now.Sub(s.Seen) >= k.o.Limits.seenEvery() {
			s.Seen = now
			if err := k.o.Store.SaveSession(ctx, s, time.Time{}); err != nil {
				k.o.Logger.Warn("a session's use can't be noted, so it may end early", "error", err)
			}
		}
		w := u.who()
		w.Way, w.Session = BySession, s.Hash
		return w, true, nil
	})
}

// ByToken returns who has a token; false where it is none any more.
func (k *Keeper) ByToken(ctx context.Context, secret string) (Who, bool, error) {
	if !IsToken(secret) {
		return Who{}, false, nil
	}
	return k.recall(secret, func(hash string) (Who, bool, error) {
		now := k.o.Now().UTC()
		t, found, err := k.o.Store.TokenOf(ctx, hash)
		if err != nil || !found || !t.Holds(now) {
			return Who{}, false, err
		}
		var owner User
		if t.Owner != "" {
			if owner, found, err = k.user(ctx, t.Owner); err != nil {
				return Who{}, false, err
			}
		}
		w, ok := t.who(owner, found)
		if ok && now.Sub(t.Used) >= usedEvery {
			t.Used = now
			if err := k.o.Store.SaveToken(ctx, t); err != nil {
				k.o.Logger.Debug("a token's use can't be noted", "token", t.ID, "error", err)
			}
		}
		return w, ok, nil
	})
}

// SetOwnPassword changes a user's own password, given the present one, which ends all sessions. It
// fails with ErrWrong, *TooSoon or slo.Problems.
func (k *Keeper) SetOwnPassword(ctx context.Context, name, present, next, from string) error {
	if _, err := k.check(ctx, name, present, from); err != nil {
		return err
	}
	_, err := k.SetUser(ctx, UserInput{Name: name, Password: &next})
	return err
}

// NotLetIn is somebody whom an OIDC provider knows, and who may not get in; it says why, to them.
type NotLetIn struct{ Why string }

// Error implements error.
func (e *NotLetIn) Error() string { return e.Why }
