package auth

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"burnline/slo"
)

var (
	// ErrUnknown means that there is no such user or token.
	ErrUnknown = errors.New("there is no such one")
	// ErrLastAdmin means that nobody could let anybody in any more.
	ErrLastAdmin = errors.New("this is the last local admin: make another one first")
)

// Users returns all users, in order of name.
func (k *Keeper) Users(ctx context.Context) ([]User, error) { return k.o.Store.Users(ctx) }

// AddUser lets a new local user in. It fails with slo.Problems or ErrTaken.
func (k *Keeper) AddUser(ctx context.Context, in UserInput) (User, error) {
	var u User
	err := k.edit(ctx, func(all []User, now time.Time) (_ []User, _ []string, err error) {
		u, err = in.add(all, now)
		return []User{u}, nil, err
	})
	return u, err
}

// FirstAdmin lets a local admin in where there is none, and reports whether it did; password is asked only then. It
// changes nobody who is there: it fails with ErrTaken where somebody else has the name, with slo.Problems, or with the
// error of password.
func (k *Keeper) FirstAdmin(ctx context.Context, name string, password func() (string, error)) (made bool, _ error) {
	if all, err := k.Users(ctx); err != nil || admins(all) > 0 {
		return false, err
	}
	secret, err := password()
	if err != nil {
		return false, err
	}
	role := Admin
	in := UserInput{Name: name, Role: &role, Password: &secret}
	err = k.edit(ctx, func(all []User, now time.Time) ([]User, []string, error) {
		if admins(all) > 0 { // another node was faster
			return nil, nil, nil
		}
		u, err := in.add(all, now)
		made = err == nil
		return []User{u}, nil, err
	})
	return made && err == nil, err
}

// add is the new user that is asked for. It fails with slo.Problems or ErrTaken.
func (in UserInput) add(all []User, now time.Time) (User, error) {
	i := slices.IndexFunc(all, func(u User) bool { return strings.EqualFold(u.Name, in.Name) })
	if i >= 0 {
		return User{}, fmt.Errorf("%w: %s", ErrTaken, all[i].Name)
	}
	var found slo.Problems
	if in.Role == nil {
		found.Add("role", "write viewer, editor or admin", "there is none")
	}
	if in.Password == nil {
		found.Add("password", "give one of at least 12 characters", "there is none")
	}
	u, err := in.apply(User{Teams: []string{}, Created: now}, now)
	var more slo.Problems
	if errors.As(err, &more) || len(found) > 0 {
		return User{}, append(found, more...)
	}
	return u, err
}

// SetUser changes a user. A change of role, teams or password ends the sessions. It fails with
// slo.Problems, ErrUnknown or ErrLastAdmin.
func (k *Keeper) SetUser(ctx context.Context, in UserInput) (User, error) {
	var u User
	err := k.edit(ctx, func(all []User, now time.Time) ([]User, []string, error) {
		i := slices.IndexFunc(all, func(u User) bool { return u.Name == in.Name })
		if i < 0 {
			return nil, nil, ErrUnknown
		}
		next, err := in.apply(all[i], now)
		u = next
		return []User{next}, nil, err
	})
	return u, err
}

// RemoveUser lets a user in no more; sessions and own tokens end. It fails with ErrUnknown or
// ErrLastAdmin.
func (k *Keeper) RemoveUser(ctx context.Context, name string) error {
	return k.edit(ctx, func(all []User, _ time.Time) ([]User, []string, error) {
		if !slices.ContainsFunc(all, func(u User) bool { return u.Name == name }) {
			return nil, nil, ErrUnknown
		}
		return nil, []string{name}, nil
	})
}

// edit changes users unless that would lock everybody out.
func (k *Keeper) edit(ctx context.Context, change func([]User, time.Time) ([]User, []string, error)) error {
	defer k.forget()
	return k.o.Store.EditUsers(ctx, func(all []User) ([]User, []string, error) {
		changed, gone, err := change(all, k.o.Now().UTC())
		if err != nil {
			return nil, nil, err
		}
		if k.o.KeepAdmin && admins(all) > 0 && admins(after(all, changed, gone)) == 0 {
			return nil, nil, ErrLastAdmin
		}
		return changed, gone, nil
	})
}

// admins counts who can let others in by a password of Burnline's own.
func admins(all []User) (n int) {
	for _, u := range all {
		if u.Local() && u.Role == Admin {
			n++
		}
	}
	return n
}

// after are users as they are after a change.
func after(all, changed []User, gone []string) []User {
	next := slices.DeleteFunc(slices.Clone(all), func(u User) bool {
		return slices.Contains(gone, u.Name) || slices.ContainsFunc(changed, func(c User) bool { return c.Name == u.Name })
	})
	return append(next, changed...)
}

// Tokens returns the tokens of an owner, or all for "", the newest first.
func (k *Keeper) Tokens(ctx context.Context, owner string) ([]Token, error) {
	all, err := k.o.Store.Tokens(ctx)
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	all = slices.DeleteFunc(all, func(t Token) bool { return owner != "" && t.Owner != owner })
	slices.SortFunc(all, func(a, b Token) int { return cmp.Or(b.Created.Compare(a.Created), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

// CreateToken makes a token, one of a user's own or, without an owner, one that stands for itself.
// The secret is told this once. It fails with slo.Problems or ErrUnknown.
func (k *Keeper) CreateToken(ctx context.Context, in TokenInput, owner, by string) (secret string, t Token, err error) {
	var u *User
	if owner != "" {
		have, found, err := k.user(ctx, owner)
		if err != nil {
			return "", Token{}, err
		}
		if !found {
			return "", Token{}, ErrUnknown
		}
		u = &have
	}
	if t, err = in.token(u, by, k.o.Now().UTC()); err != nil {
		return "", Token{}, err
	}
	secret = TokenPrefix + newSecret()
	t.Hash = digest(secret)
	defer k.forget()
	if err := k.o.Store.SaveToken(ctx, t); err != nil {
		return "", Token{}, fmt.Errorf("keep the token: %w", err)
	}
	return secret, t, nil
}

// RevokeToken ends a token; of an owner only one of their own. It fails with ErrUnknown.
func (k *Keeper) RevokeToken(ctx context.Context, id, owner, by string) (Token, error) {
	all, err := k.Tokens(ctx, owner)
	if err != nil {
		return Token{}, err
	}
	i := slices.IndexFunc(all, func(t Token) bool { return t.ID == id })
	if i < 0 {
		return Token{}, ErrUnknown
	}
	t := all[i]
	if t.Revoked.IsZero() {
		t.Revoked, t.RevokedBy = k.o.Now().UTC(), by
	}
	defer k.forget()
	return t, k.o.Store.SaveToken(ctx, t)
}
